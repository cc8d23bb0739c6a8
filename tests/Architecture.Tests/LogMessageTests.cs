using PluginHost.Architecture.Rules;
using PluginHost.Architecture.Sources;
using PluginHost.Architecture.Tables;

namespace PluginHost.Architecture;

/// <summary>What is logged.</summary>
public sealed class LogMessageTests
{
    private static readonly EventRange[] Ranges = [new(1, 9, "runs", "Engine/Runs"), new(10, 19, "sessions", "Engine/Sessions")];

    private static IEnumerable<SourceProject> Inner => [Solution.Engine, Solution.Host];

    [Fact]
    public void Every_message_has_a_name_and_an_id_of_its_folders_range()
    {
        var messages = Inner.SelectMany(LogMessages.In).ToList();

        Assert.NotEmpty(messages);
        Verdict.Check(LogMessages.WrongEvents(messages, EventRange.All));
    }

    [Fact]
    public void The_ranges_do_not_overlap()
    {
        var ranges = EventRange.All.OrderBy(r => r.First).ToList();

        Assert.All(ranges.Zip(ranges.Skip(1)), pair => Assert.True(pair.First.Last < pair.Second.First, $"{pair.First} and {pair.Second}"));
    }

    [Fact]
    public void Every_message_is_source_generated() => Verdict.Check(Inner.SelectMany(LogMessages.Inline));

    [Fact]
    public void Exceptions_are_logged_without_their_texts() => Verdict.Check(Inner.SelectMany(LogMessages.RawExceptions), Exceptions.RawExceptions);

    [Theory]
    [InlineData("[LoggerMessage(LogLevel.Debug, \"\")] static partial void A(ILogger l);", "Engine/Runs/Log.cs: A has no event id")]
    [InlineData("[LoggerMessage(10, LogLevel.Debug, \"\")] static partial void A(ILogger l);", "Engine/Runs/Log.cs: A has event id 10, outside of 1 to 9")]
    [InlineData(
        "[LoggerMessage(1, LogLevel.Debug, \"\")] static partial void A(ILogger l); [LoggerMessage(EventId = 1, Message = \"\")] static partial void B(ILogger l);",
        "Engine/Runs/Log.cs: A and Engine/Runs/Log.cs: B share event id 1")]
    [InlineData(
        "[LoggerMessage(1, LogLevel.Debug, \"\")] static partial void A(ILogger l); [LoggerMessage(2, LogLevel.Debug, \"\", EventName = \"A\")] static partial void B(ILogger l);",
        "Engine/Runs/Log.cs: A and Engine/Runs/Log.cs: B share an event name")]
    public void A_wrong_event_is_found(string messages, string expected) =>
        Assert.Equal([expected], LogMessages.WrongEvents([.. LogMessages.In(Log(messages))], Ranges));

    [Theory]
    [InlineData("Exception")]
    [InlineData("System.IO.IOException")]
    public void An_exception_with_its_text_is_found(string type) =>
        Assert.Equal(
            ["Engine/Runs/Log.cs logs an exception in A"],
            LogMessages.RawExceptions(Log($"[LoggerMessage(1, LogLevel.Debug, \"\")] static partial void A(ILogger l, {type}? e);")));

    [Fact]
    public void A_message_that_is_not_source_generated_is_found() =>
        Assert.Equal(
            ["Engine/Runs/Log.cs logs by LogError", "Engine/Runs/Log.cs logs by Log"],
            LogMessages.Inline(Log("static void A(ILogger l, Exception e) { l.LogError(e, \"\"); l.Log(LogLevel.Error, e, \"\"); l.IsEnabled(LogLevel.Error); }")));

    private static SourceProject Log(string members) =>
        Snippet.Engine("Runs/Log.cs", $"using Microsoft.Extensions.Logging; static partial class Log {{ {members} }}");
}
