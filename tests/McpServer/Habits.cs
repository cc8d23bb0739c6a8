using System.ComponentModel;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace PluginHost.McpServer;

/// <summary>Tools that do what servers do, well and badly.</summary>
[McpServerToolType]
internal sealed class Habits
{
    private static int _count;

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

    [McpServerPrompt(Name = "greet"), Description("A greeting.")]
    public static string Greet([Description("Whom.")] string name) => $"Greet {name} warmly.";
}
