/** What vendors show of a person, read as the host takes it. What does not fit is absent: nobody is kept out for it. */
import { z } from 'zod';

/** A name: 200 UTF-16 units, no half characters. */
export const nameReply = z
	.string()
	.transform((text) => Array.from(text.trim()).slice(0, 100).join('') || undefined)
	.optional()
	.catch(undefined);

/** The address of a picture. Many come under http; the same picture is there under https. */
export const pictureReply = z
	.string()
	.transform((text) => text.replace(/^http:/, 'https:'))
	.pipe(z.url({ protocol: /^https$/ }).max(2048))
	.optional()
	.catch(undefined);
