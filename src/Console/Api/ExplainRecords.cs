using System.Text.Json;

namespace PluginHost.WebConsole.Api;

public sealed record ApiExplanation(string RunId, string Agent, string Status, IReadOnlyList<ApiStage> Stages, IReadOnlyList<ApiModelCall> Calls);

public sealed record ApiStage(string Kind, int Messages, long Tokens, int Tools)
{
    public string? Plugin { get; init; }

    public double? TookMs { get; init; }
}

public sealed record ApiModelCall(
    int Number,
    IReadOnlyList<ApiInstruction> Instructions,
    IReadOnlyList<ApiGivenMessage> Messages,
    IReadOnlyList<ApiLeftOut> LeftOut,
    IReadOnlyList<ApiGivenTool> Tools,
    long Tokens,
    bool TokensCounted,
    IReadOnlyList<ApiAnswerMessage> Answer)
{
    public string? Model { get; init; }

    public JsonElement? Settings { get; init; }

    public string? BodySha256 { get; init; }

    public double? TookMs { get; init; }

    public string? FinishReason { get; init; }

    public ApiUsage? Usage { get; init; }

    public ApiError? Error { get; init; }
}

public sealed record ApiInstruction(string Text, string Source, string State, long Tokens)
{
    public string? Plugin { get; init; }

    public string? Before { get; init; }

    public bool? BeforeWithheld { get; init; }
}

public sealed record ApiGivenMessage(string Role, IReadOnlyList<ApiPart> Content, string Source, string State, long Tokens)
{
    public string? Plugin { get; init; }

    public IReadOnlyList<string> ChangedBy { get => field ?? []; init; }

    public IReadOnlyList<ApiPart>? Before { get; init; }

    public bool? BeforeWithheld { get; init; }
}

public sealed record ApiLeftOut(string Reason, int Count, long Tokens)
{
    public string? Plugin { get; init; }

    public bool? HasMore { get; init; }
}

public sealed record ApiGivenTool(string Name, string Source, long Tokens)
{
    public string? Plugin { get; init; }

    public string? Description { get; init; }
}

public sealed record ApiAnswerMessage(string Role, IReadOnlyList<ApiPart> Content);
