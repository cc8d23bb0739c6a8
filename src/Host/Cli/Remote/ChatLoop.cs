using System.Text.Json;

namespace PluginHost.Cli.Remote;

/// <summary>Reads lines, runs the agent on each line and shows the events of the run.</summary>
internal sealed class ChatLoop(ChatClient client, ChatScreen screen, TextReader input, InterruptHandler interrupts)
{
    private const string Help = """
        /session   shows the session id, to continue it later (--session)
        /help      shows the commands
        /exit      ends the chat; so does the end of the input
        ctrl-C     cancels the current run; a second one ends the chat
        up, down   the messages before; a pasted text of several lines is one message
        """;

    private int _exitCode;

    /// <summary>The agent; null for the only agent of the host.</summary>
    public string? Agent { get; init; }

    /// <summary>The session; null before the first run of a new session.</summary>
    public string? Session { get; set; }

    /// <summary>Called with the id of each run that has ended; null for nothing.</summary>
    public Action<string>? AfterRun { get; init; }

    /// <returns>The exit code: 1 when the host did not respond or a run failed.</returns>
    public async Task<int> RunAsync()
    {
        try
        {
            var agents = await client.ListAgentsAsync(CancellationToken.None);
            screen.WriteNote($"{Agent ?? string.Join(", ", agents)} at {client.Url}. Type /help for the commands.");
        }
        catch (HostCallException e)
        {
            screen.WriteError(e.Message);
            return 1;
        }

        while (true)
        {
            screen.WritePrompt();
            var line = await input.ReadLineAsync();
            screen.EndPrompt();
            if (line is null || line.Trim() == "/exit") break;
            await HandleLineAsync(line.Trim());
        }

        WriteEnd();
        return _exitCode;
    }

    /// <summary>Says how to continue the conversation.</summary>
    public void WriteEnd()
    {
        if (Session is not null) screen.WriteNote($"Continue this session with --session {Session}");
    }

    private Task HandleLineAsync(string line)
    {
        if (line.Length == 0) return Task.CompletedTask;
        if (!line.StartsWith('/')) return RunAgentAsync(line);
        if (line == "/help") screen.WriteNote(Help);
        else if (line == "/session") screen.WriteNote(Session ?? "There is no session yet. The first message starts one.");
        else screen.WriteError($"Unknown command {line}. Commands: /session, /help, /exit.");
        return Task.CompletedTask;
    }

    private async Task RunAgentAsync(string text)
    {
        const string connectionLost = "The connection was lost before the end of the run.";
        var run = "";
        var ended = false;
        var interrupted = interrupts.BeginRun();
        using var cancel = interrupted.Register(() => _ = CancelAsync(run));
        try
        {
            await foreach (var chatEvent in client.RunAsync(Session, Agent, text, CancellationToken.None))
            {
                if (chatEvent.Name == "run.started")
                {
                    (Session, run) = (GetText(chatEvent.Data, "session_id"), GetText(chatEvent.Data, "id"));
                    if (interrupted.IsCancellationRequested) await CancelAsync(run);
                }

                ended |= Show(chatEvent);
            }

            if (!ended) Fail(connectionLost);
        }
        catch (Exception e) when (e is HostCallException or IOException or HttpRequestException or JsonException)
        {
            Fail(e is HostCallException ? e.Message : connectionLost);
        }
        finally
        {
            interrupts.EndRun();
        }

        screen.EndLine();
        if (ended) AfterRun?.Invoke(run);
    }

    /// <returns>Whether the run has ended.</returns>
    private bool Show(ChatEvent chatEvent)
    {
        var data = chatEvent.Data;
        switch (chatEvent.Name)
        {
            case "message.delta":
                screen.WriteText(GetText(data, "text"));
                return false;
            case "tool.started":
                screen.WriteNote($"[{GetText(data, "name")} …]");
                return false;
            case "tool.completed":
                screen.WriteNote(data.TryGetProperty("error", out var toolError) ? $"[{GetText(data, "name")} failed: {toolError}]" : $"[{GetText(data, "name")} done]");
                return false;
            case "run.failed":
                Fail(data.TryGetProperty("error", out var runError) ? GetText(runError, "message") : "The run failed.");
                return true;
            case "run.cancelled":
                screen.WriteNote("(cancelled)");
                return true;
            case "run.requires_action":
                Fail("The model called a tool of the caller, but this chat has no tools.");
                return true;
            default:
                return chatEvent.Name == "run.completed";
        }
    }

    private async Task CancelAsync(string run)
    {
        // A queued run has no id yet. It is cancelled when it starts.
        if (run.Length == 0 || Session is null) return;
        try
        {
            await client.CancelAsync(Session, run, CancellationToken.None);
        }
        catch (HostCallException e)
        {
            screen.WriteError(e.Message);
        }
    }

    private void Fail(string error)
    {
        _exitCode = 1;
        screen.WriteError(error);
    }

    private static string GetText(JsonElement data, string name) =>
        data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
