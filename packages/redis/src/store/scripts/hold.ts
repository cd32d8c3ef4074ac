import { type Script, script } from '../../connection/script.ts'

/**
 * Begins a lease. KEYS: holders. ARGV: holder, lease in milliseconds.
 *
 * The ZREM of nothing makes it a script that has written, which Redis runs whole even when its memory is
 * full. A consumer must be able to start then: somebody has to empty the queues.
 */
export const registerHolderScript: Script = script(`
redis.call('ZREM', KEYS[1], '')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
return 1
`)

/**
 * Prolongs leases. KEYS: holders. ARGV: lease in milliseconds, then holders.
 *
 * Answers 1 or 0 for each. A lease that has ended stays ended: others may be taking its messages.
 */
export const renewHoldersScript: Script = script(`
redis.call('ZREM', KEYS[1], '')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local expiry = string.format('%.0f', now + tonumber(ARGV[1]))
local held = {}
for at = 2, #ARGV do
  local score = redis.call('ZSCORE', KEYS[1], ARGV[at])
  if score and tonumber(score) > now then
    redis.call('ZADD', KEYS[1], expiry, ARGV[at])
    held[#held + 1] = 1
  else
    held[#held + 1] = 0
  end
end
return held
`)

/**
 * Ends leases at once, so that the next sweep gives their messages back. KEYS: holders. ARGV: holders.
 *
 * Also for a holder that is no longer listed: it may have left messages behind.
 */
export const endHoldersScript: Script = script(`
redis.call('ZREM', KEYS[1], '')
for at = 1, #ARGV do
  redis.call('ZADD', KEYS[1], '0', ARGV[at])
end
return 1
`)

/**
 * Marks messages that are held for long as fresh, so that a Kombu peer does not take them for abandoned.
 *
 * KEYS: unacked_index. ARGV: age in seconds, position from which to look, how many to look at, holders.
 * Answers how many were looked at and how many were marked.
 */
export const refreshHeldScript: Script = script(`
redis.call('ZREM', KEYS[1], '')
local time = redis.call('TIME')
local now = time[1] .. '.' .. string.format('%06d', time[2])
local mine = {}
for at = 4, #ARGV do mine[ARGV[at]] = true end
local old = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', time[1] - tonumber(ARGV[1]), 'LIMIT', ARGV[2], ARGV[3])
local marked = 0
for _, token in ipairs(old) do
  local holder = string.match(token, '^(.*):%d+$')
  if holder and mine[holder] then
    redis.call('ZADD', KEYS[1], now, token)
    marked = marked + 1
  end
end
return { #old, marked }
`)
