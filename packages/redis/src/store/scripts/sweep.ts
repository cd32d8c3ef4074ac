import { type Script, script } from '../../connection/script.ts'

/**
 * What there is to give back. KEYS: holders, unacked_index. ARGV: visibility timeout in seconds.
 *
 * Answers: milliseconds until the next lease ends (-1: there is none), number of tokens older than the
 * visibility timeout, and the holders whose lease has ended, 100 at most.
 */
export const findAbandonedScript: Script = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local dead = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 100)
local next = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', now), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
local wait = next[2] and tonumber(next[2]) - now or -1
local old = redis.call('ZCOUNT', KEYS[2], '-inf', time[1] - tonumber(ARGV[1]))
return { wait, old, dead }
`)

/**
 * Gives messages back, each only if it is still held by whoever held it when it was read.
 *
 * KEYS: unacked, unacked_index, then lists. ARGV: per message, its token, the number of its copies, and per
 * copy the index of a list in KEYS and the payload.
 *
 * The last one becomes the next to be delivered. Answers how many were given back.
 */
export const restoreScript: Script = script(`
local unacked, index = KEYS[1], KEYS[2]
local at, restored = 1, 0
while at < #ARGV do
  local token, copies = ARGV[at], tonumber(ARGV[at + 1])
  local record = redis.call('HGET', unacked, token)
  if record then
    redis.call('HDEL', unacked, token)
    for copy = 1, copies do
      local list, payload = KEYS[tonumber(ARGV[at + 2 * copy])], ARGV[at + 2 * copy + 1]
      local pushed = redis.pcall('RPUSH', list, payload)
      if type(pushed) == 'table' and pushed.err then
        -- Copies that are there already stay: twice is better than never.
        redis.call('HSET', unacked, token, record)
        return pushed
      end
    end
    restored = restored + 1
  end
  redis.call('ZREM', index, token)
  at = at + 2 + 2 * copies
end
return restored
`)

/** Lets go of a lock, if it is still ours. KEYS: lock. ARGV: its token. */
export const unlockScript: Script = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`)
