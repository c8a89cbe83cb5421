"use client";

import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { cx } from "./cx.ts";
import { IconButton } from "./button.tsx";

export interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  children: ReactNode;
  wide?: boolean;
  alert?: boolean;
}

/** A question in front of everything else. At the foot of a phone, in the middle of a wide screen. */
export function Dialog({ title, isOpen, onClose, children, wide = false, alert = false }: DialogProps) {
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable
      className="fixed inset-0 z-50 flex items-end justify-center bg-scrim sm:items-start sm:pt-[14vh]"
    >
      <Modal
        className={cx(
          "rises max-h-[88dvh] w-full overflow-auto rounded-t-xl bg-raised shadow-pop sm:max-h-[76vh] sm:rounded-xl",
          wide ? "sm:max-w-2xl" : "sm:max-w-md",
        )}
      >
        <AriaDialog role={alert ? "alertdialog" : "dialog"} className="flex flex-col gap-4 p-5 outline-none">
          <div className="flex items-start justify-between gap-3">
            <Heading slot="title" className="text-lg font-semibold tracking-[-0.01em] text-balance">
              {title}
            </Heading>
            <IconButton label="Close" onPress={onClose} className="-mt-0.5 -mr-1.5">
              <X size={16} aria-hidden />
            </IconButton>
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** The row of buttons at the end of a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="flex flex-wrap items-center justify-end gap-2 pt-1">{children}</div>;
}
