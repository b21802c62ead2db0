import { z } from 'zod';
import { uploadLogo as upload } from '../../../flows/apps/upload-logo';
import { appOperatorProcedure } from '../../guards';

/**
 * Stores a picture (PNG, JPEG, WebP; 512 KB) and returns its id, which `admin.apps.update` takes as `theme.logo`.
 */
export const uploadLogo = appOperatorProcedure
	.input(z.strictObject({ data: z.base64().max(720_000) }))
	.output(z.object({ id: z.string() }))
	.mutation(async ({ ctx: { app, actor, visitor }, input }) => ({
		id: await upload(app, { bytes: Buffer.from(input.data, 'base64'), actor }, visitor()),
	}));
