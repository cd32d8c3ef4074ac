import { type Script, script } from '../../connection/script.ts'

/** Empties lists. KEYS: lists. Answers how many messages there were. */
export const clearScript: Script = script(`
local count = 0
for _, list in ipairs(KEYS) do
  count = count + redis.call('LLEN', list)
  redis.call('DEL', list)
end
return count
`)

/**
 * Forgets the bindings of a queue. KEYS: binding sets. ARGV: separator and queue as one text.
 *
 * Answers how many there were.
 */
export const unbindQueueScript: Script = script(`
local removed = 0
for _, set in ipairs(KEYS) do
  for _, member in ipairs(redis.call('SMEMBERS', set)) do
    if string.sub(member, -#ARGV[1]) == ARGV[1] then
      removed = removed + redis.call('SREM', set, member)
    end
  end
end
return removed
`)
