using System.CommandLine;
using Microsoft.Extensions.AI;
using PluginHost.Benchmarks.OpenAI;
using PluginHost.Benchmarks.Runs;
using PluginHost.Benchmarks.Streams;

namespace PluginHost.Benchmarks.Http;

/// <summary>
/// The command <c>serve</c>. It runs a server that the host is compared with. <see cref="PeerProcess"/> starts it too.
/// </summary>
internal static class ServeCommand
{
    public const string Name = "serve", Baseline = "baseline", Hot = "hot", Bare = "bare", PacedHost = "paced-host", PacedBare = "paced-bare";

    private const string Peer = "peer";

    public static Command Create()
    {
        var kind = new Argument<string>("kind")
        {
            Description = "baseline: a handler written by hand. hot: the same with windows in memory. peer: ChatClientAgent with SQLite under a lock. bare: ASP.NET with the "
                + "OpenTelemetry SDK. paced-host, paced-bare: the host's API in memory, and a minimal handler, each with a model that waits before each chunk.",
        };
        kind.AcceptOnlyFromAmong(Baseline, Hot, Peer, Bare, PacedHost, PacedBare);
        var url = new Option<string>("--url") { Description = "The address to listen on.", DefaultValueFactory = _ => "http://127.0.0.1:5090" };
        var data = new Option<string>("--data") { Description = "The database file of baseline, hot and peer. It is created if it does not exist." };
        var command = new Command(Name, "Run a server that the host is compared with, until SIGTERM. Prints its address.") { kind, url, data };
        command.Validators.Add(result =>
        {
            if (result.GetValue(kind) is Baseline or Hot or Peer && result.GetValue(data) is null) result.AddError("--data is required.");
        });
        command.SetAction((parsed, cancellationToken) =>
            ServeAsync(parsed.GetValue(kind)!, parsed.GetValue(url)!, parsed.GetValue(data), parsed.InvocationConfiguration.Output, cancellationToken));
        return command;
    }

    private static Task ServeAsync(string kind, string url, string? data, TextWriter output, CancellationToken cancellationToken) => kind switch
    {
        Bare => BareServer.ServeAsync(url, output, cancellationToken),
        PacedHost => ServePacedAsync(model => HostServer.StartAsync(model, url), output, cancellationToken),
        PacedBare => ServePacedAsync(model => MinimalServer.StartAsync(model, url), output, cancellationToken),
        _ => ServeDurableAsync(kind, url, data!, output, cancellationToken),
    };

    private static async Task ServePacedAsync(Func<IChatClient, Task<RunningServer>> start, TextWriter output, CancellationToken cancellationToken)
    {
        using var model = new PacedStub();
        await using var server = await start(model);
        await server.ServeAsync(output, cancellationToken);
    }

    private static async Task ServeDurableAsync(string kind, string url, string data, TextWriter output, CancellationToken cancellationToken)
    {
        using var model = new StubChatClient();
        await using IRunBackend backend = kind == Peer ? new PeerBackend(data, model) : new HttpBaseline(data, model, keepsWindows: kind == Hot);
        await using var server = await BackendServer.StartAsync(url, backend);
        await server.ServeAsync(output, cancellationToken);
    }
}
