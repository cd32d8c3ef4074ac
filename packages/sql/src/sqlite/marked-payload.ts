/**
 * SQL for the payload of a message that was delivered before: the mark in the three places where
 * Kombu and Celery look. The rest of the text stays as it is, and so does whatever is no envelope.
 */
export const markedPayload = `
  CASE
    WHEN NOT json_valid(payload) THEN payload
    WHEN json_type(payload, '$.properties.delivery_info') IS NOT 'object' THEN payload
    ELSE json_set(payload,
      '$.redelivered', json('true'),
      '$.headers.redelivered', json('true'),
      '$.properties.delivery_info.redelivered', json('true'))
  END`
