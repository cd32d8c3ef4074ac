import { type Script, script } from '../../connection/script.ts'

/**
 * Appends to several lists, or to none.
 *
 * KEYS: lists. ARGV: per list, how many payloads, then those payloads.
 *
 * A list that refuses undoes what was appended before it: nobody can have seen that.
 */
export const putScript: Script = script(`
local at = 1
local counts = {}
for i, list in ipairs(KEYS) do
  local count = tonumber(ARGV[at])
  for first = at + 1, at + count, 4000 do
    local last = math.min(first + 3999, at + count)
    local pushed = redis.pcall('LPUSH', list, unpack(ARGV, first, last))
    if type(pushed) == 'table' and pushed.err then
      for undone, appended in ipairs(counts) do
        redis.call('LPOP', KEYS[undone], appended)
      end
      return pushed
    end
    counts[i] = (counts[i] or 0) + last - first + 1
  end
  at = at + count + 1
end
return 1
`)
