import { MAX_BODY_BYTES, TapeError } from "@tape/core";
import { bodyLimit } from "hono/body-limit";

/** Refuses a larger body as soon as that is known: by its declared length, or at the first byte too many. */
export const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: (c) => {
    // What is still on its way is not read.
    c.header("connection", "close");
    throw new TapeError("payload_too_large", `The body is over the limit of ${MAX_BODY_BYTES} bytes. Store it elsewhere and pass a reference.`, { limit: MAX_BODY_BYTES });
  },
});
