import type { NextConfig } from "next";

const config: NextConfig = {
  transpilePackages: ["@tape/client", "@tape/core"],
  poweredByHeader: false,
  devIndicators: false,
  // The printed address is a number, not `localhost`.
  allowedDevOrigins: ["127.0.0.1"],
  // `pnpm verify` checks the types of the whole repository; a newcomer's first start need not do it again.
  typescript: { ignoreBuildErrors: true },
};

export default config;
