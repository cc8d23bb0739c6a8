using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Tests.Contracts;

/// <summary>What records write into a log has ids and no text of a user.</summary>
public sealed class RecordTextTests
{
    private const string Canary = "canary";

    private static readonly ChatMessage Message = new(ChatRole.User, Canary);
    private static readonly SessionKey Key = new("t", "s1");

    private static readonly RunRequest Request = new()
    {
        Session = new Session(Key),
        RunId = "r1",
        Agent = "assistant",
        Input = [Message],
        Instructions = Canary,
        Metadata = new Dictionary<string, string> { ["k"] = Canary },
        Output = RunOutput.Create(),
    };

    private static readonly RunRecord Run = new() { Id = "r1", Session = Key, Agent = "assistant", Status = RunStatus.Completed, CreatedAt = default, Output = [Message] };

    private static readonly HistoryMessage Stored = new() { Id = "m1", Origin = MessageOrigin.Input, Message = Message };

    private static readonly HistoryAppend Append = new() { Session = Key, Messages = [Stored], RunId = "r1" };

    private static readonly SessionRecord Session = new()
    {
        Key = Key,
        Version = 1,
        CreatedAt = default,
        UpdatedAt = default,
        Metadata = new Dictionary<string, string> { ["k"] = Canary },
    };

    public static TheoryData<object, string> Records => new()
    {
        { Request, "r1" },
        { new RunResponse { Messages = [Message] }, "RunResponse" },
        { new RunResult { Outcome = RunOutcome.Completed, Response = RunResponse.FromText(Canary) }, "Completed" },
        { new ContextContribution { Instructions = Canary, Messages = [Message] }, "1 messages" },
        { new ContextMessage { Message = Message, Source = "memory", Origin = MessageOrigin.Context }, "memory" },
        { Call(), "c1" },
        { Stored, "m1" },
        { Append, "r1" },
        { new CoveredAppend { History = null!, Append = Append }, "r1" },
        { Run, "r1" },
        { Session, "s1" },
        { new SessionSave { Session = Session, ExpectedVersion = 0, Run = Run }, "s1" },
    };

    [Theory]
    [MemberData(nameof(Records), DisableDiscoveryEnumeration = true)]
    public void A_record_writes_ids_and_no_content(object record, string id)
    {
        Assert.Contains(id, record.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, record.ToString(), StringComparison.Ordinal);
    }

    private static FunctionInvocation Call() => new()
    {
        Run = Request,
        Function = AIFunctionFactory.Create(() => Canary, "look"),
        CallId = "c1",
        Arguments = new AIFunctionArguments { ["at"] = Canary },
    };
}
