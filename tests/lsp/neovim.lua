-- One session of Neovim's own client: called by neovim.sh with FOLDER as current folder.
local function fail(message)
  io.stderr:write("neovim: " .. message .. "\n")
  vim.cmd("cquit 1")
end

local function wait_for(what, condition)
  if not vim.wait(10000, condition, 20) then fail("no " .. what) end
end

local function write(path, lines)
  vim.fn.writefile(lines, path)
end

vim.cmd("edit dag.py")
local client_id = vim.lsp.start_client({
  name = "dagfix",
  cmd = { vim.env.DAGFIX, "lsp" },
  root_dir = vim.fn.getcwd(),
  workspace_folders = { { uri = vim.uri_from_fname(vim.fn.getcwd()), name = "test" } },
})
if not client_id then fail("client did not start") end
vim.lsp.buf_attach_client(0, client_id)

-- Diagnostics
wait_for("diagnostics", function() return #vim.diagnostic.get(0) == 2 end)
local first = vim.diagnostic.get(0)[1]
local found = string.format("%s %d:%d", first.code or first.user_data.lsp.code, first.lnum, first.col)
write("found.txt", { found })

-- Hover
local params = vim.lsp.util.make_position_params()
params.position = { line = 4, character = 10 }
local hover = vim.lsp.buf_request_sync(0, "textDocument/hover", params, 10000)
write("hover.txt", vim.split(hover[client_id].result.contents.value, "\n"))

-- Typing, behind an emoji: the line is moved down by what is typed above
vim.api.nvim_buf_set_lines(0, 0, 0, false, { "# \u{1F600} remark" })
wait_for("diagnostics after typing", function()
  local all = vim.diagnostic.get(0)
  return #all == 2 and all[1].lnum == first.lnum + 1
end)

-- Fix all
local range = vim.lsp.util.make_range_params()
range.context = { diagnostics = {}, only = { "source.fixAll" } }
local actions = vim.lsp.buf_request_sync(0, "textDocument/codeAction", range, 10000)
local action = actions[client_id].result[1]
if not action then fail("no action") end
if not action.edit then
  action = vim.lsp.buf_request_sync(0, "codeAction/resolve", action, 10000)[client_id].result
end
vim.lsp.util.apply_workspace_edit(action.edit, vim.lsp.get_client_by_id(client_id).offset_encoding)
wait_for("diagnostics to go", function() return #vim.diagnostic.get(0) == 0 end)
vim.cmd("write")

-- The server ends when it is told to
vim.lsp.stop_client(client_id)
wait_for("end of the server", function() return vim.lsp.get_client_by_id(client_id) == nil end)
vim.cmd("quitall!")
