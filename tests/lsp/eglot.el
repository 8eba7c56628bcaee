;;; One session of Emacs with eglot, in batch: called by eglot.sh with the project as current folder.
(require 'eglot)
(require 'flymake)

(defun fail (&rest what)
  (message "eglot: %s" (apply #'format what))
  (kill-emacs 1))

(defmacro wait-for (what condition)
  "Lets Emacs read from the server until CONDITION holds."
  `(let ((until (+ (float-time) 20)))
     (while (not ,condition)
       (when (> (float-time) until) (fail "no %s" ,what))
       (accept-process-output nil 0.05))))

(defun write-out (file text)
  (with-temp-file file (insert text "\n")))

(setq eglot-sync-connect 20
      eglot-confirm-server-initiated-edits nil
      make-backup-files nil
      eglot-server-programs `((python-mode . (,(getenv "DAGFIX") "lsp"))))
(find-file "dag.py")
(python-mode)
(apply #'eglot--connect (eglot--guess-contact))
(unless (eglot-managed-p) (fail "the buffer is not managed"))

;; Diagnostics
(flymake-start)
(wait-for "diagnostics" (= 2 (length (flymake-diagnostics))))
(let ((place (apply #'min (mapcar #'flymake-diagnostic-beg (flymake-diagnostics)))))
  (goto-char place)
  (write-out "found.txt" (format "KAP207 %d:%d" (1- (line-number-at-pos)) (current-column))))
(unless (seq-some (lambda (it) (string-match-p "KAP207" (flymake-diagnostic-text it)))
                  (flymake-diagnostics))
  (fail "the diagnostics do not say KAP207"))

;; Hover, on the name of the operator
(goto-char (point-min))
(search-forward "send = Dcm")
(let ((hover (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover
                              (eglot--TextDocumentPositionParams))))
  (write-out "hover.txt" (plist-get (plist-get hover :contents) :value)))

;; Typing, behind an emoji
(goto-char (point-min))
(insert "# \U0001F600 remark\n")
(eglot--signal-textDocument/didChange)
(flymake-start)
(wait-for "diagnostics after typing"
          (let ((places (mapcar (lambda (it) (line-number-at-pos (flymake-diagnostic-beg it)))
                                (flymake-diagnostics))))
            (equal (sort places #'<) '(6 7))))

;; Fix all
(let* ((server (eglot--current-server-or-lose))
       (all (jsonrpc-request server :textDocument/codeAction
                             (list :textDocument (eglot--TextDocumentIdentifier)
                                   :range (list :start (eglot--pos-to-lsp-position (point-min))
                                                :end (eglot--pos-to-lsp-position (point-max)))
                                   :context (list :diagnostics [] :only ["source.fixAll"]))))
       (action (if (= 1 (length all)) (aref all 0) (fail "%d actions" (length all)))))
  (unless (plist-get action :edit)
    (setq action (jsonrpc-request server :codeAction/resolve action)))
  (eglot--apply-workspace-edit (plist-get action :edit)))
(eglot--signal-textDocument/didChange)
(flymake-start)
(wait-for "diagnostics to go" (null (flymake-diagnostics)))
(let ((coding-system-for-write 'utf-8-unix)) (save-buffer))

;; The server ends when it is told to, or is killed at once: Emacs does not wait
(let ((process (jsonrpc--process (eglot--current-server-or-lose))))
  (eglot-shutdown (eglot--current-server-or-lose) nil 10)
  (wait-for "end of the server" (not (process-live-p process))))
(kill-emacs 0)
