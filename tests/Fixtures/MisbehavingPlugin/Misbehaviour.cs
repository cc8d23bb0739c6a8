using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin("misbehaving-context", typeof(MisbehavingPlugin.MisbehavingContext), Options = typeof(MisbehavingPlugin.Misbehaviour))]
[assembly: Plugin("misbehaving-middleware", typeof(MisbehavingPlugin.MisbehavingMiddleware), Options = typeof(MisbehavingPlugin.Misbehaviour))]
[assembly: Plugin("misbehaving-chat", typeof(MisbehavingPlugin.MisbehavingChat), Options = typeof(MisbehavingPlugin.Misbehaviour))]
[assembly: Plugin("large-tool", typeof(MisbehavingPlugin.LargeTool))]
[assembly: Plugin("misbehaving-tools", typeof(MisbehavingPlugin.MisbehavingTools), Options = typeof(MisbehavingPlugin.Misbehaviour))]
[assembly: Plugin("witness", typeof(MisbehavingPlugin.OutcomeLogger))]

namespace MisbehavingPlugin;

/// <param name="Does">The fault of the plugin.</param>
/// <param name="After">The number of calls without a fault before it.</param>
public sealed record Misbehaviour(Fault Does, int After = 0);

public enum Fault
{
    Throws,
    ThrowsBefore,
    ThrowsAfter,
    ThrowsInNext,
    NeverReturns,
    ReturnsNull,
    CallsNextTwice,
    LeavesTask,
    LeavesThread,
    Allocates,
    Blocks,
    ChangesLists,
    ChangesMessages,
}

/// <summary>The faults that do not depend on the kind of a plugin.</summary>
internal static class Faults
{
    public static async ValueTask ApplyAsync(Fault wrong, RunRequest request)
    {
        switch (wrong)
        {
            case Fault.Throws or Fault.ThrowsBefore: throw new InvalidOperationException("Thrown by the plugin.");
            case Fault.NeverReturns:
                await new TaskCompletionSource().Task;
                break;
            case Fault.LeavesTask:
                LeaveTask();
                break;
            case Fault.LeavesThread:
                new Thread(() => throw new InvalidOperationException("Thrown on a separate thread.")).Start();
                break;
            case Fault.Allocates:
                for (var i = 0; i < 64; i++) GC.KeepAlive(new byte[4 * 1024 * 1024]);
                break;
            case Fault.Blocks:
                // Longer than any timeout of the tests, but limited, because the tests use the same threads.
                new ManualResetEventSlim().Wait(TimeSpan.FromSeconds(8), CancellationToken.None);
                break;
            case Fault.ChangesLists:
                ChangeLists(request);
                break;
            case Fault.ChangesMessages:
                ChangeLists(request);
                Change(request.Input);
                Change(request.Context.Select(c => c.Message));
                break;
        }
    }

    /// <summary>Changes the text of messages in place and adds content to them.</summary>
    public static void Change(IEnumerable<ChatMessage> messages)
    {
        foreach (var message in messages) Change(message.Contents);
    }

    /// <summary>Changes the text of updates in place and adds content to them.</summary>
    public static void Change(IEnumerable<ChatResponseUpdate> updates)
    {
        foreach (var update in updates) Change(update.Contents);
    }

    private static void Change(IList<AIContent> contents)
    {
        foreach (var text in contents.OfType<TextContent>()) text.Text = "changed";
        contents.Add(new TextContent("added"));
    }

    private static void LeaveTask() => _ = Task.Run(static () => throw new InvalidOperationException("Thrown in the background."));

    private static void ChangeLists(RunRequest request)
    {
        Clear(request.Input as ICollection<ChatMessage>);
        Clear(request.Context as ICollection<ContextMessage>);
        Clear(request.Tools as ICollection<RunTool>);
        Clear(request.Metadata as ICollection<KeyValuePair<string, string>>);
        Clear(request.Session.Metadata as ICollection<KeyValuePair<string, string>>);
        Clear(request.Output.Updates as ICollection<ChatResponseUpdate>);
    }

    private static void Clear<T>(ICollection<T>? list)
    {
        try
        {
            list?.Clear();
        }
        catch (NotSupportedException)
        {
            // The list is read-only.
        }
    }
}
