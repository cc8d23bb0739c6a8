using System.Text.Json;

namespace PluginHost.Cli;

/// <summary>The conversation: reads lines, runs the agent on each, shows what comes.</summary>
internal sealed class Chat(ChatClient client, ChatScreen screen, TextReader input, Interrupts interrupts)
{
    private const string Help = """
        /session   shows the session's id, to go on with later (--session)
        /help      shows this
        /exit      leaves; so does the end of the input
        ctrl-C     cancels the run in progress; a second one leaves
        """;

    private int _exitCode;

    /// <summary>Null when the host's only agent is meant.</summary>
    public string? Agent { get; init; }

    /// <summary>Null before the first run of a new session.</summary>
    public string? Session { get; set; }

    /// <returns>The exit code: 1 when the host could not be used, or a run failed.</returns>
    public async Task<int> RunAsync()
    {
        try
        {
            var agents = await client.ListAgentsAsync(CancellationToken.None);
            screen.Note($"{Agent ?? string.Join(", ", agents)} at {client.Url}; /help shows the commands.");
        }
        catch (ChatException e)
        {
            screen.Error(e.Message);
            return 1;
        }

        while (true)
        {
            screen.Prompt();
            var line = await input.ReadLineAsync();
            if (line is null || line.Trim() == "/exit") return _exitCode;
            await TakeAsync(line.Trim());
        }
    }

    private Task TakeAsync(string line)
    {
        if (line.Length == 0) return Task.CompletedTask;
        if (!line.StartsWith('/')) return SayAsync(line);
        if (line == "/help") screen.Note(Help);
        else if (line == "/session") screen.Note(Session ?? "There is no session yet: it begins with what you say first.");
        else screen.Error($"There is no command {line}. There are: /session, /help, /exit.");
        return Task.CompletedTask;
    }

    private async Task SayAsync(string text)
    {
        var run = "";
        var ended = false;
        var interrupted = interrupts.BeginRun();
        using var cancel = interrupted.Register(() => _ = CancelAsync(run));
        try
        {
            await foreach (var happened in client.RunAsync(Session, Agent, text, CancellationToken.None))
            {
                if (happened.Name == "run.started")
                {
                    (Session, run) = (Text(happened.Data, "session_id"), Text(happened.Data, "id"));
                    if (interrupted.IsCancellationRequested) await CancelAsync(run);
                }

                ended |= Show(happened);
            }

            if (!ended) Fail("The connection ended before the run did.");
        }
        catch (Exception e) when (e is ChatException or IOException or HttpRequestException or JsonException)
        {
            Fail(e is ChatException ? e.Message : "The connection was lost before the run ended.");
        }
        finally
        {
            interrupts.EndRun();
        }

        screen.EndLine();
    }

    /// <returns>Whether the run has ended.</returns>
    private bool Show(ChatEvent happened)
    {
        var data = happened.Data;
        switch (happened.Name)
        {
            case "message.delta":
                screen.Text(Text(data, "text"));
                return false;
            case "tool.started":
                screen.Note($"[{Text(data, "name")} …]");
                return false;
            case "tool.completed":
                screen.Note(data.TryGetProperty("error", out var error) ? $"[{Text(data, "name")} failed: {error}]" : $"[{Text(data, "name")} done]");
                return false;
            case "run.failed":
                Fail(data.TryGetProperty("error", out var why) ? Text(why, "message") : "The run failed.");
                return true;
            case "run.cancelled":
                screen.Note("(cancelled)");
                return true;
            case "run.requires_action":
                Fail("The model waits for a tool of the caller, which this chat does not have.");
                return true;
            default:
                return happened.Name == "run.completed";
        }
    }

    private async Task CancelAsync(string run)
    {
        // A run that still waits for another one has no id yet; it is cancelled when it begins.
        if (run.Length == 0 || Session is null) return;
        try
        {
            await client.CancelAsync(Session, run, CancellationToken.None);
        }
        catch (ChatException e)
        {
            screen.Error(e.Message);
        }
    }

    private void Fail(string why)
    {
        _exitCode = 1;
        screen.Error(why);
    }

    private static string Text(JsonElement data, string name) =>
        data.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
