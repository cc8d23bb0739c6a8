using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin<MisbehavingPlugin.MisbehavingContext, MisbehavingPlugin.Misbehaviour>("misbehaving-context")]
[assembly: Plugin<MisbehavingPlugin.MisbehavingMiddleware, MisbehavingPlugin.Misbehaviour>("misbehaving-middleware")]
[assembly: Plugin<MisbehavingPlugin.MisbehavingChat, MisbehavingPlugin.Misbehaviour>("misbehaving-chat")]
[assembly: Plugin<MisbehavingPlugin.MisbehavingTools, MisbehavingPlugin.Misbehaviour>("misbehaving-tools")]
[assembly: Plugin<MisbehavingPlugin.Witness, NoOptions>("witness")]

namespace MisbehavingPlugin;

/// <param name="Does">What is wrong with the plugin.</param>
/// <param name="After">How many calls it behaves well before that.</param>
public sealed record Misbehaviour(Wrong Does, int After = 0);

public enum Wrong
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

/// <summary>The deeds that have nothing to do with the kind of a plugin.</summary>
internal static class Deeds
{
    public static async ValueTask DoAsync(Wrong wrong, RunRequest request)
    {
        switch (wrong)
        {
            case Wrong.Throws or Wrong.ThrowsBefore: throw new InvalidOperationException("I throw.");
            case Wrong.NeverReturns:
                await new TaskCompletionSource().Task;
                break;
            case Wrong.LeavesTask:
                LeaveTask();
                break;
            case Wrong.LeavesThread:
                new Thread(() => throw new InvalidOperationException("I throw on a thread of my own.")).Start();
                break;
            case Wrong.Allocates:
                for (var i = 0; i < 64; i++) GC.KeepAlive(new byte[4 * 1024 * 1024]);
                break;
            case Wrong.Blocks:
                // Longer than any timeout of the tests, and not for ever: the threads are those of the tests too.
                new ManualResetEventSlim().Wait(TimeSpan.FromSeconds(8), CancellationToken.None);
                break;
            case Wrong.ChangesLists:
                ChangeLists(request);
                break;
            case Wrong.ChangesMessages:
                Change(request.Input);
                Change(request.Context.Select(c => c.Message));
                break;
        }
    }

    /// <summary>Each in place: its text, and then all of it.</summary>
    public static void Change(IEnumerable<ChatMessage> messages)
    {
        foreach (var message in messages) Change(message.Contents);
    }

    /// <summary>The same for updates.</summary>
    public static void Change(IEnumerable<ChatResponseUpdate> updates)
    {
        foreach (var update in updates) Change(update.Contents);
    }

    private static void Change(IList<AIContent> contents)
    {
        foreach (var text in contents.OfType<TextContent>()) text.Text = "changed";
        contents.Add(new TextContent("added"));
    }

    private static void LeaveTask() => _ = Task.Run(static () => throw new InvalidOperationException("I throw in the background."));

    private static void ChangeLists(RunRequest request)
    {
        Clear(request.Input as ICollection<ChatMessage>);
        Clear(request.Context as ICollection<ContextMessage>);
        Clear(request.Tools as ICollection<RunTool>);
        Clear(request.Metadata as ICollection<KeyValuePair<string, string>>);
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
            // It is as read-only as it says.
        }
    }
}
