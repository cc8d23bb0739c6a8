using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace PluginHost.McpServer;

/// <summary>Tools that do what servers do, well and badly.</summary>
[McpServerToolType]
internal sealed class Habits
{
    private static McpServerPrimitiveCollection<McpServerTool>? _tools;
    private static int _count;

    /// <summary>One list for all requests: without sessions, each has its own.</summary>
    public static Task ShareTools(HttpContext context, McpServerOptions options, CancellationToken cancellationToken)
    {
        Interlocked.CompareExchange(ref _tools, options.ToolCollection, null);
        options.ToolCollection = _tools;
        return Task.CompletedTask;
    }

    [McpServerTool(Name = "add", ReadOnly = true, Idempotent = true), Description("Adds two numbers.")]
    public static int Add(int a, int b) => a + b;

    /// <summary>What one process, or one session of HTTP, has counted.</summary>
    [McpServerTool(Name = "count", Destructive = false), Description("Counts the calls of this server.")]
    public static int Count() => Interlocked.Increment(ref _count);

    [McpServerTool(Name = "pid"), Description("The id of the server's process.")]
    public static int Pid() => Environment.ProcessId;

    [McpServerTool(Name = "session"), Description("The id of the connection.")]
    public static string Session(ModelContextProtocol.Server.McpServer server) => server.SessionId ?? "none";

    [McpServerTool(Name = "long"), Description("A text of the given length.")]
    public static string Long(int length) => new('x', length);

    [McpServerTool(Name = "picture"), Description("A picture and its caption.")]
    public static IEnumerable<ContentBlock> Picture() =>
        [new TextContentBlock { Text = "a dot" }, ImageContentBlock.FromBytes(new byte[] { 137, 80, 78, 71 }, "image/png")];

    [McpServerTool(Name = "fail"), Description("Fails.")]
    public static CallToolResult Fail() => new() { IsError = true, Content = [new TextContentBlock { Text = "no such order" }] };

    /// <summary>Waits for the end of the call, and says in a file that it came.</summary>
    [McpServerTool(Name = "hang"), Description("Never answers.")]
    public static async Task<string> Hang(string file, CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource();
        await using var registration = cancellationToken.Register(() => cancelled.TrySetResult());
        await File.WriteAllTextAsync(file, "begun", CancellationToken.None);
        await cancelled.Task;
        await File.WriteAllTextAsync(file, "cancelled", CancellationToken.None);
        throw new OperationCanceledException(cancellationToken);
    }

    [McpServerTool(Name = "repeat", ReadOnly = false, Idempotent = true), Description("The first call never answers. A second one changes nothing more.")]
    public static Task<string> Repeat(string file, CancellationToken cancellationToken) => ActAsync(file, cancellationToken);

    [McpServerTool(Name = "act"), Description("The first call never answers.")]
    public static Task<string> Act(string file, CancellationToken cancellationToken) => ActAsync(file, cancellationToken);

    [McpServerTool(Name = "work"), Description("Reports progress, and then answers.")]
    public static async Task<string> Work(int steps, int milliseconds, IProgress<ProgressNotificationValue> progress, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(milliseconds));
        for (var step = 1; step <= steps; step++)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            progress.Report(new ProgressNotificationValue { Progress = step, Total = steps, Message = $"step {step}" });
        }

        return "done";
    }

    [McpServerTool(Name = "die"), Description("Ends the server.")]
    public static string Die()
    {
        Environment.Exit(7);
        return "";
    }

    /// <summary>Writes a message that has no end.</summary>
    [McpServerTool(Name = "flood"), Description("Writes without end.")]
    public static async Task<string> Flood(CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        var bytes = new byte[1024 * 1024];
        Array.Fill(bytes, (byte)'x');
        while (true) await output.WriteAsync(bytes, cancellationToken);
    }

    /// <summary>The server itself sends what the protocol's revision asks for: a notice to all or to subscribers, and none without sessions.</summary>
    [McpServerTool(Name = "grow_quietly"), Description("Adds a tool.")]
    public static string GrowQuietly(string name, ModelContextProtocol.Server.McpServer server)
    {
        server.ServerOptions.ToolCollection!.Add(McpServerTool.Create(() => name, new McpServerToolCreateOptions { Name = name }));
        Subscriptions.Notify();
        return "grown";
    }

    /// <summary>The file says that a process before this one was called.</summary>
    private static async Task<string> ActAsync(string file, CancellationToken cancellationToken)
    {
        if (File.Exists(file)) return "called again";
        await File.WriteAllTextAsync(file, "", CancellationToken.None);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return "";
    }

    [McpServerTool(Name = "grow"), Description("Adds a tool, and says a thousand times that the list has changed.")]
    public static async Task<string> Grow(string name, ModelContextProtocol.Server.McpServer server, CancellationToken cancellationToken)
    {
        server.ServerOptions.ToolCollection!.Add(McpServerTool.Create(() => name, new McpServerToolCreateOptions { Name = name }));
        for (var i = 0; i < 1000; i++) await server.SendNotificationAsync(NotificationMethods.ToolListChangedNotification, cancellationToken);
        return "grown";
    }
}

/// <summary>Resources and prompts.</summary>
[McpServerResourceType, McpServerPromptType]
internal sealed class Texts
{
    [McpServerResource(UriTemplate = "notes://today", Name = "today"), Description("The notes of today.")]
    public static string Today() => "Buy milk.";

    [McpServerResource(UriTemplate = "notes://never", Name = "never"), Description("Never answers.")]
    public static async Task<string> Never(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        return "";
    }

    [McpServerPrompt(Name = "greet"), Description("A greeting.")]
    public static string Greet([Description("Whom.")] string name) => $"Greet {name} warmly.";
}
