import type { IconName } from "@tape/core";
import {
  AlarmClock, ArrowRightLeft, Bell, Bookmark, Check, CircleDashed, CircleQuestionMark, CircleSlash, Cpu, Dices, Flag, GitBranch,
  Hourglass, LifeBuoy, Loader, Moon, Play, RotateCcw, Send, Sparkles, TimerOff, TriangleAlert, Undo2, User, UserCheck, UserX, Wallet, X,
  type LucideIcon,
} from "lucide-react";

const ICONS: Record<IconName, LucideIcon> = {
  "alarm-clock": AlarmClock,
  "arrow-right-left": ArrowRightLeft,
  bell: Bell,
  bookmark: Bookmark,
  check: Check,
  "circle-dashed": CircleDashed,
  "circle-question-mark": CircleQuestionMark,
  "circle-slash": CircleSlash,
  cpu: Cpu,
  dices: Dices,
  flag: Flag,
  "git-branch": GitBranch,
  hourglass: Hourglass,
  "life-buoy": LifeBuoy,
  loader: Loader,
  moon: Moon,
  play: Play,
  "rotate-ccw": RotateCcw,
  send: Send,
  sparkles: Sparkles,
  "timer-off": TimerOff,
  "triangle-alert": TriangleAlert,
  "undo-2": Undo2,
  user: User,
  "user-check": UserCheck,
  "user-x": UserX,
  wallet: Wallet,
  x: X,
};

/** An icon of the vocabulary. Decoration beside its word, so it is silent. */
export function Icon({ name, className, size = 14 }: { name: IconName; className?: string; size?: number }) {
  const Drawn = ICONS[name];
  return <Drawn aria-hidden size={size} strokeWidth={1.9} absoluteStrokeWidth={false} className={className ?? "shrink-0"} />;
}
