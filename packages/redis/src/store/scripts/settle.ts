import { type Script, script } from '../../connection/script.ts'

/**
 * Ends leases, each only if it is still held, and puts back what is to be delivered again.
 *
 * KEYS: unacked, unacked_index, then lists.
 * ARGV: number of tokens that are done, those tokens, then four words per message to put back: token,
 * index of its list in KEYS, LPUSH (delivered last) or RPUSH (delivered next), payload.
 *
 * Answers 1 if all were held, otherwise 1 or 0 for each, in the order of ARGV. If a list refuses a
 * message, that message stays leased and the script fails.
 */
export const settleScript: Script = script(`
local unacked, index = KEYS[1], KEYS[2]
local done = tonumber(ARGV[1])
local held, stale = {}, 0

if done > 0 then
  local removed = redis.call('HDEL', unacked, unpack(ARGV, 2, done + 1))
  local scores
  if removed < done then
    scores = redis.call('ZMSCORE', index, unpack(ARGV, 2, done + 1))
  end
  for at = 1, done do
    held[at] = (not scores or scores[at]) and 1 or 0
  end
  stale = done - removed
  redis.call('ZREM', index, unpack(ARGV, 2, done + 1))
end

for at = done + 2, #ARGV, 4 do
  local token = ARGV[at]
  local record = redis.call('HGET', unacked, token)
  held[#held + 1] = record and 1 or 0
  if record then
    redis.call('HDEL', unacked, token)
    local pushed = redis.pcall(ARGV[at + 2], KEYS[tonumber(ARGV[at + 1])], ARGV[at + 3])
    if type(pushed) == 'table' and pushed.err then
      redis.call('HSET', unacked, token, record)
      return pushed
    end
    redis.call('ZREM', index, token)
  else
    stale = stale + 1
  end
end
if stale == 0 then return 1 end
return held
`)
