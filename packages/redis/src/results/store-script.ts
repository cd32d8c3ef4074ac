import { type Script, script } from '../connection/script.ts'

/**
 * Keeps a meta and tells those who wait, unless what is there is final.
 *
 * KEYS: the task's key, which is its channel as well. ARGV: the meta; `ready` if its state is, otherwise ''; milliseconds to keep
 * it, '' for ever; `anyway` to overwrite whatever is there.
 *
 * @returns 1: done. 0: what is there is final. Otherwise what is there, of which this script cannot tell the state: Celery
 *   and we write JSON with the state in front, other serializers do not.
 */
export const storeScript: Script = script(`
local stored = redis.call('GET', KEYS[1])
if stored and ARGV[4] == '' then
  local status = string.match(stored, '^{"status": ?"([^"\\\\]*)"')
  if not status then return stored end
  if status == 'SUCCESS' then return 0 end
  local final = status == 'FAILURE' or status == 'REVOKED'
  if final and ARGV[2] == '' then return 0 end
end
if ARGV[3] == '' then
  redis.call('SET', KEYS[1], ARGV[1])
else
  redis.call('PSETEX', KEYS[1], ARGV[3], ARGV[1])
end
redis.call('PUBLISH', KEYS[1], ARGV[1])
return 1
`)
