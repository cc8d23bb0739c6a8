using System.Collections.Concurrent;

namespace PluginHost.WebConsole.Tests;

/// <summary>A page in the browser. Disposing fails when its security policy was broken, or its scripts failed.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly ConcurrentQueue<string> _complaints = new();

    private Visitor(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>Whether lost connections may be reported by the browser.</summary>
    public bool ExpectsLostConnections { get; set; }

    public static async Task<Visitor> OpenAsync(IBrowserContext context, string address)
    {
        context.SetDefaultTimeout(15_000);
        var visitor = new Visitor(context, await context.NewPageAsync());
        visitor.Page.Console += (_, message) => visitor.Note(message);
        visitor.Page.PageError += (_, error) => visitor._complaints.Enqueue(error);
        await visitor.Page.AddInitScriptAsync("addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI));");
        await visitor.Page.GotoAsync(address);
        return visitor;
    }

    /// <summary>Waits until a text is on the page.</summary>
    public Task SeeAsync(string text) => Assertions.Expect(Page.Locator("main")).ToContainTextAsync(text, new() { Timeout = 15_000 });

    public Task ClickAsync(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true }).ClickAsync();

    public Task FollowAsync(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true }).First.ClickAsync();

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        Assert.Empty(_complaints);
    }

    private void Note(IConsoleMessage message)
    {
        if (message.Type != "error") return;
        // Pages that show a refusal have its status.
        if (message.Text.StartsWith("Failed to load resource: the server responded with a status of 4", StringComparison.Ordinal)) return;
        if (ExpectsLostConnections && message.Text.Contains("net::ERR_", StringComparison.Ordinal)) return;
        _complaints.Enqueue(message.Text);
    }
}
