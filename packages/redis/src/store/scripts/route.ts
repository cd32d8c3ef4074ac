import { type Script, script } from '../../connection/script.ts'

/**
 * Routes messages by the shared binding tables and appends them, all or none.
 *
 * KEYS: binding sets. ARGV: key prefix, separator, then per message five words: index of its set in KEYS,
 * `direct` or `topic`, routing key, suffix of its priority's list, payload.
 *
 * Answers per message how many queues it reached; or -1, with nothing appended, when a binding key is one
 * of the few that only Python's own regular expressions decide (see `matchKombuTopic`).
 *
 * Topics are matched as Kombu matches them, in time proportional to the text: of each literal between
 * two wildcards the leftmost place will do.
 */
export const routeScript: Script = script(`
local prefix, sep = ARGV[1], ARGV[2]

local function split(member)
  local first, firstEnd = string.find(member, sep, 1, true)
  if not first then return nil end
  local second, secondEnd = string.find(member, sep, firstEnd + 1, true)
  if not second then return nil end
  return string.sub(member, 1, first - 1), string.sub(member, secondEnd + 1)
end

-- A topic as literals and the wildcards between them, or nil when it is not that simple.
local function compile(key)
  if string.find(key, '\\n', 1, true) then return nil end
  local literals, wildcards, literal = {}, {}, ''
  local from = 1
  while true do
    local dot = string.find(key, '.', from, true)
    local word = string.sub(key, from, dot and dot - 1)
    if word == '*' or word == '#' then
      literals[#literals + 1] = literal
      wildcards[#wildcards + 1] = word
      literal = ''
    elseif string.find(word, '*', 1, true) then
      return nil
    else
      literal = literal .. word
    end
    if not dot then break end
    literal = literal .. '.'
    from = dot + 1
  end
  literals[#literals + 1] = literal
  return { literals = literals, wildcards = wildcards }
end

local function matches(topic, key)
  local literals, wildcards = topic.literals, topic.wildcards
  if #wildcards == 0 then return key == literals[1] end
  if string.sub(key, 1, #literals[1]) ~= literals[1] then return false end
  local at = #literals[1] + 1
  for i, wildcard in ipairs(wildcards) do
    local literal = literals[i + 1]
    local isLast = i == #wildcards
    local found = wildcard == '*' and at + 1 or at
    if isLast then
      local last = #key - #literal + 1
      if last < found or string.sub(key, last) ~= literal then return false end
      found = last
      if wildcard == '*' and string.byte(key, found - 1) == 46 then return false end
    else
      repeat
        found = string.find(key, literal, found, true)
        if not found then return false end
        local isDot = wildcard == '*' and string.byte(key, found - 1) == 46
        if isDot then found = found + 1 end
      until not isDot
    end
    at = found + #literal
  end
  return true
end

local tables = {}
local function tableOf(position, type)
  local id = position .. type
  if tables[id] then return tables[id] end
  local bindings = {}
  for _, member in ipairs(redis.call('SMEMBERS', KEYS[tonumber(position)])) do
    local key, queue = split(member)
    if key then
      local topic = type == 'topic' and compile(key)
      if topic == nil then return nil end
      bindings[#bindings + 1] = { key = key, queue = queue, topic = topic }
    end
  end
  tables[id] = bindings
  return bindings
end

local targets, reached = {}, {}
for at = 3, #ARGV, 5 do
  local bindings = tableOf(ARGV[at], ARGV[at + 1])
  if not bindings then return -1 end
  local isTopic, key = ARGV[at + 1] == 'topic', ARGV[at + 2]
  if isTopic and string.find(key, '\\n', 1, true) then return -1 end
  local seen, count = {}, 0
  for _, binding in ipairs(bindings) do
    local isMatch
    if isTopic then isMatch = matches(binding.topic, key) else isMatch = binding.key == key end
    if isMatch and not seen[binding.queue] then
      seen[binding.queue] = true
      count = count + 1
      targets[#targets + 1] = { prefix .. binding.queue .. ARGV[at + 3], ARGV[at + 4] }
    end
  end
  reached[#reached + 1] = count
end

for done, target in ipairs(targets) do
  local pushed = redis.pcall('LPUSH', target[1], target[2])
  if type(pushed) == 'table' and pushed.err then
    for undone = 1, done - 1 do redis.call('LPOP', targets[undone][1]) end
    return pushed
  end
end
return reached
`)
