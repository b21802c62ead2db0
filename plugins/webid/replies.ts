/** What a Solid provider answers, and what is kept between leaving and coming back. */
import { z } from 'zod';

/** RFC 7591 §3.2.1. */
export const registrationReply = z.object({
	client_id: z.string().min(1).max(1024),
	client_secret: z.string().min(1).max(512).optional(),
	token_endpoint_auth_method: z.string().optional(),
});

export type Registration = z.output<typeof registrationReply>;

/** RFC 9449 §8: the provider wants its nonce in the proof. */
export const errorReply = z.object({ error: z.string() });

/** Claims of an ID token (Solid-OIDC) beyond OpenID Connect's, or of an access token bound to a key. */
export const webidClaims = z.object({ webid: z.string().min(1).max(255) });
export const boundClaims = z.object({ cnf: z.object({ jkt: z.string() }) });

const coordinate = z.string().regex(/^[\w-]{43}$/);
export const proofKeySchema = z.object({
	kty: z.literal('EC'),
	crv: z.literal('P-256'),
	x: coordinate,
	y: coordinate,
	d: coordinate,
});
export type ProofKey = z.output<typeof proofKeySchema>;

export const keptSchema = z.object({
	issuer: z.string(),
	clientId: z.string(),
	secret: z.string().optional(),
	auth: z.enum(['basic', 'post', 'none']),
	verifier: z.string(),
	key: proofKeySchema,
});
export type Kept = z.output<typeof keptSchema>;
