/** The input of lists with pages. */
import { z } from 'zod';

export const pageShape = {
	/** `next` of the previous page; absent: the first page. */
	before: z.number().int().positive().optional(),
	limit: z.number().int().min(1).max(200).default(50),
};

/** The id of something that has been made: opaque, never longer than this. */
export const idInput = z.string().min(1).max(128);
