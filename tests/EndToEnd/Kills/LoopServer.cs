using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace PluginHost.EndToEnd.Kills;

/// <summary>The model and the server of the tools, in the test's process, so that they outlive the host.</summary>
internal sealed class LoopServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopServer(WebApplication app)
    {
        _app = app;
        (Model, Effects) = (new LoopModel(Hit), new EffectServer(Hit));
        app.MapPost("/v1/chat/completions", Model.AnswerAsync);
        app.MapPost("/effects", Effects.ActAsync);
        app.MapGet("/effects", async http => await BeforeRun(http.RequestAborted));
    }

    public LoopModel Model { get; }

    public EffectServer Effects { get; }

    /// <summary>The trigger of the host that runs now.</summary>
    public KillTrigger? Trigger { get; set; }

    /// <summary>What happens when a host asks before the plugins of a run contribute.</summary>
    public Func<CancellationToken, Task> BeforeRun { get; set; } = static _ => Task.CompletedTask;

    public string Address => _app.Urls.First();

    public static async Task<LoopServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new LoopServer(builder.Build());
        await server._app.StartAsync();
        return server;
    }

    public void Hit(KillPoint point) => Trigger?.Hit(point);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
