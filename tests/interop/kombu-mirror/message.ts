/** BaseMessage of Kombu's common.py. */
import assert from 'node:assert/strict'
import type { MirrorBox, MirrorMessage } from './end.ts'
import { type Mirror, type Mirrors, mirrorPlaces } from './mirror.ts'

/** One side puts a message, the other gets it and does something with it. */
function settling(settle: (message: MirrorMessage, box: MirrorBox) => Promise<void>): Mirror {
  return {
    places: mirrorPlaces,
    sides: 'both',
    run: async (stage) => {
      const options = { name: stage.name('test_message'), isBuffer: false }
      const putting = await stage.publisher.open(options)
      await putting.put({ Hello: 'World' }, { headers: { k1: 'v1' } })
      const getting = await stage.consumer.open(options)
      const message = await getting.get()
      if (message === undefined) throw new Error('Nothing was there')
      await settle(message, getting)
      assert.equal(await getting.get(), undefined)
      await getting.close()
      await putting.close()
    },
  }
}

/** It is there again, the same. */
async function expectAgain(message: MirrorMessage, box: MirrorBox): Promise<void> {
  const again = await box.get()
  assert.deepEqual(again?.body, { Hello: 'World' })
  assert.equal(again?.raw, message.raw)
  await again?.ack()
}

/** Four tests. */
export const messageMirrors: Mirrors = {
  'BaseMessage.test_ack': settling((message) => message.ack()),
  'BaseMessage.test_reject_no_requeue': settling((message) => message.reject({ requeue: false })),
  'BaseMessage.test_reject_requeue': settling(async (message, box) => {
    await message.reject({ requeue: true })
    await expectAgain(message, box)
  }),
  'BaseMessage.test_requeue': settling(async (message, box) => {
    await message.requeue()
    await expectAgain(message, box)
  }),
}
