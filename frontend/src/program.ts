// A program as the service answers it.

export interface Metrics {
  budget: number | null;
  max_bid: number | null;
  ad_cost: number | null;
  currency: string;
  is_autobid: boolean | null;
  billed_impressions: number;
  billed_clicks: number;
  fee_period: string | null;
}

export interface Program {
  program_id: string;
  program_type: string;
  program_status: string | null;
  program_pause_status: string | null;
  business_id: string;
  business_name: string;
  start_date: string | null;
  end_date: string | null;
  custom_name: string | null;
  businesses: unknown[];
  active_features: unknown[];
  available_features: unknown[];
  program_metrics?: Metrics;
}

export const STATUSES = ["CURRENT", "PAST", "FUTURE", "PAUSED"] as const;
export const TYPES = ["BP", "EP", "CPC", "RCA", "CTA", "SLIDESHOW", "BH", "VL", "LOGO", "PORTFOLIO"] as const;
export const ANY = "ALL";
