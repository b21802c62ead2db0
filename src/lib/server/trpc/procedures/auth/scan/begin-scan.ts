import { z } from 'zod';
import { beginScan as begin, type BegunScan } from '../../../../flows/scan/scan';
import { publicProcedure } from '../../../guards';
import { connectorInput } from '../inputs';

/** What a screen shows for another device to scan. */
export const begunScanView = z.object({
	secret: z.string(),
	word: z.string(),
	drawing: z.union([
		/** To be drawn as a QR code. */
		z.object({ text: z.string() }),
		/** The vendor's own picture, as a `data:` URL. */
		z.object({ image: z.string() }),
	]),
	/** Milliseconds until it expires. */
	life: z.number(),
});

export function begunScanAs({ secret, word, drawing, life }: BegunScan): z.output<typeof begunScanView> {
	const shown =
		'text' in drawing
			? drawing
			: { image: `data:${drawing.type};base64,${Buffer.from(drawing.image).toString('base64')}` };
	return { secret, word, drawing: shown, life };
}

/**
 * What this screen shows for another device to scan. `secret` collects the sign-in and stays on this screen; the
 * key in the QR code cannot do that. Call `auth.scan.watch` until the scan is confirmed.
 */
export const beginScan = publicProcedure
	.input(z.strictObject({ connector: connectorInput }))
	.output(begunScanView)
	.mutation(async ({ ctx, input }) => begunScanAs(await begin(await ctx.findApp(), input, ctx.visitor())));
