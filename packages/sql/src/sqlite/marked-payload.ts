/**
 * SQL for the payload of a message that was delivered before: the mark in the three places where
 * Kombu and Celery look. Everything else keeps its text; a payload that is not JSON stays as it is.
 */
export const markedPayload = `
  CASE WHEN json_valid(payload) THEN json_set(payload,
    '$.redelivered', json('true'),
    '$.headers.redelivered', json('true'),
    '$.properties.delivery_info.redelivered', json('true'))
  ELSE payload END`
