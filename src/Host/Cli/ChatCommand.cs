using System.CommandLine;

namespace PluginHost.Cli;

/// <summary><c>pluginhost chat</c>: talks to an agent of a running host in the terminal.</summary>
internal static class ChatCommand
{
    public const string DefaultUrl = "http://127.0.0.1:5080";

    public static Command Create()
    {
        var agent = new Option<string?>("--agent") { Description = "The agent to talk to; may be left out when only one is configured." };
        var session = new Option<string?>("--session") { Description = "The session to go on with; a new one when left out." };
        var url = new Option<string>("--url")
        {
            Description = "Where the host listens: http://host:port or unix:/path.",
            DefaultValueFactory = _ => DefaultUrl,
        };
        var keyFile = new Option<FileInfo?>("--api-key-file") { Description = "A file that holds an API key of the host." };
        var command = new Command("chat", "Talks to an agent of a running host, in the terminal.") { agent, session, url, keyFile };
        // Synchronous, because ctrl-C cancels an asynchronous action; here the first one only cancels the run in progress.
        command.SetAction(parsed => RunAsync(
            parsed.GetValue(url)!, parsed.GetValue(keyFile), parsed.GetValue(agent), parsed.GetValue(session)).GetAwaiter().GetResult());
        return command;
    }

    private static async Task<int> RunAsync(string url, FileInfo? keyFile, string? agent, string? session)
    {
        var screen = ChatScreen.ForTerminal();
        try
        {
            var key = keyFile is null ? null : (await File.ReadAllTextAsync(keyFile.FullName)).Trim();
            using var client = ChatClient.Connect(url, key);
            using var interrupts = new Interrupts();
            Console.CancelKeyPress += interrupts.OnCancelKey;
            var chat = new Chat(client, screen, Console.In, interrupts) { Agent = agent, Session = session };
            return await chat.RunAsync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or UriFormatException)
        {
            screen.Error(e.Message);
            return 1;
        }
    }
}
