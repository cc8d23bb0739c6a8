using System.CommandLine;
using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace PluginHost.Benchmarks.Telemetry;

/// <summary>A collector in its own process that discards all data. Its processor time is not counted as the host's.</summary>
internal sealed class CollectorSink : IAsyncDisposable
{
    private readonly Process _process;

    private CollectorSink(Process process, string address) => (_process, Address) = (process, address);

    public string Address { get; }

    /// <summary>Creates the command <c>collector-sink</c>, which the process executes.</summary>
    public static Command CreateCommand()
    {
        var url = new Option<string>("--url") { Description = "The address to listen on.", DefaultValueFactory = _ => "http://127.0.0.1:0" };
        var command = new Command("collector-sink", "Receive and discard OTLP over HTTP until SIGTERM. Prints the address.") { url };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls(parsed.GetValue(url)!);
            await using var app = builder.Build();
            app.MapPost("/{**path}", (HttpContext context) => context.Request.Body.CopyToAsync(Stream.Null));
            await app.StartAsync(cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(
                app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
            await app.WaitForShutdownAsync(cancellationToken);
        });
        return command;
    }

    public static async Task<CollectorSink> StartAsync()
    {
        var program = Environment.ProcessPath!;
        string[] arguments = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [typeof(CollectorSink).Assembly.Location] : [];
        var process = Process.Start(new ProcessStartInfo(program, [.. arguments, "collector-sink"]) { RedirectStandardOutput = true })!;
        var address = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The collector did not start.");
        return new(process, address);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
