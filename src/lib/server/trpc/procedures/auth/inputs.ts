/** Fields that several `auth` procedures take. Limits stop what nobody types; the flows judge the rest. */
import { z } from 'zod';

export const identifierInput = z.string().min(1).max(320);
export const secretInput = z.string().min(1).max(4096);
export const codeInput = z.string().trim().min(1).max(64);
export const tokenInput = z.string().min(1).max(256);
