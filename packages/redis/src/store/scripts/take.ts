import { type Script, script } from '../../connection/script.ts'

/**
 * Takes messages and leases them in one step, so that no death between the two can lose any.
 *
 * KEYS: unacked, unacked_index, holders, then the lists in the order of service.
 * ARGV: holder (empty: do not lease), number of its first token, limit, number of queues, then per queue
 * its name as JSON. The list at position i belongs to queue (i mod number of queues).
 *
 * Answers a flat list: index of queue, payload, index of queue, … Tokens are `<holder>:<number>`,
 * ascending from the first, with 22 digits (see `Holder.token`).
 *
 * The pop comes before the writes: Redis runs a script whole once it has written, also when its
 * memory is full, and refuses it whole before.
 */
export const takeScript: Script = script(`
local unacked, index, holders = KEYS[1], KEYS[2], KEYS[3]
local holder, number, left = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local queues = tonumber(ARGV[4])
local time = redis.call('TIME')

if holder ~= '' then
  local expiry = redis.call('ZSCORE', holders, holder)
  if not expiry or tonumber(expiry) <= time[1] * 1000 + math.floor(time[2] / 1000) then
    return redis.error_reply('DASHI_LEASE_LOST ' .. holder)
  end
end

local score = time[1] .. '.' .. string.format('%06d', time[2])
local taken, records, scores = {}, {}, {}
for at = 4, #KEYS do
  if left == 0 then break end
  local payloads = redis.call('RPOP', KEYS[at], left)
  if payloads then
    local queue = (at - 4) % queues
    local tail = ',"",' .. ARGV[5 + queue] .. ']'
    for _, payload in ipairs(payloads) do
      taken[#taken + 1] = queue
      taken[#taken + 1] = payload
      if holder ~= '' then
        local token = holder .. string.format(':%022d', number)
        number = number + 1
        -- What is no JSON object is kept out of reach of Kombu's restore, which would stumble over it.
        local isEnvelope = string.byte(payload) == 123 and string.byte(payload, -1) == 125
        records[#records + 1] = token
        records[#records + 1] = '[' .. payload .. tail
        scores[#scores + 1] = isEnvelope and score or '+inf'
        scores[#scores + 1] = token
      end
    end
    left = left - #payloads
  end
end

if #records > 0 then
  redis.call('HSET', unacked, unpack(records))
  redis.call('ZADD', index, unpack(scores))
end
return taken
`)
