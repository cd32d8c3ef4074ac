import { expect, test } from 'vitest'
import { generateOid } from './oid.ts'

// What kombu.common.generate_oid() answers, through uuid.uuid3().
test.each([
  [0, 0, 0, 0, 'd6a6ab87-2971-3f0f-9799-6d7eccc99776'],
  [1, 2, 3, 4, '662984d3-82cd-3743-bf69-ba595bf4a04b'],
  [
    0x02_42_ac_11_00_02,
    1234,
    140_234_567_890_123,
    139_876_543_210_987n,
    'ece3d34f-a4be-3ae9-8fea-39980146c088',
  ],
] as const)(
  'generateOid() of %s-%s-%s-%s is that of Kombu',
  (nodeId, processId, threadId, instance, expected) => {
    expect(generateOid({ nodeId, processId, threadId, instance })).toBe(expected)
  },
)
