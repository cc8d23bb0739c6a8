using System.Globalization;
using System.Text.Json;

namespace PluginHost.Cli.Remote;

/// <summary>Writes an explanation: the chain, and of each call of the model its parts with their sources and tokens.</summary>
internal sealed class ExplainScreen(TraceScreen screen)
{
    private const int SourceWidth = 22, StateWidth = 8, TokensWidth = 7;

    public void Write(JsonElement run)
    {
        screen.WriteValue("run", $"{Text(run, "run_id")} {Text(run, "status")}");
        screen.WriteValue("agent", Text(run, "agent"));
        screen.WriteValue("session", Text(run, "session_id"));
        screen.WriteLine("");
        screen.WriteLine(Row("chain", "added", "tokens", "took ms"));
        foreach (var stage in run.GetProperty("stages").EnumerateArray()) WriteStage(stage);
        foreach (var call in run.GetProperty("calls").EnumerateArray()) WriteCall(call);
        foreach (var tool in run.GetProperty("tool_calls").EnumerateArray())
        {
            screen.WriteLine("");
            screen.WriteLine($"tool {Text(tool, "name")} of {Text(tool, "plugin", "the caller")}, {Number(tool, "took_ms")} ms: {(tool.TryGetProperty("error", out var error) ? $"failed with {error}" : tool.GetProperty("result").ToString())}");
        }
    }

    private void WriteStage(JsonElement stage)
    {
        var (messages, tools) = (stage.GetProperty("messages").GetInt32(), stage.GetProperty("tools").GetInt32());
        string[] added = [.. messages == 0 ? Array.Empty<string>() : [Count(messages, "message")], .. tools == 0 ? Array.Empty<string>() : [Count(tools, "tool")]];
        screen.WriteLine(Row($"{Text(stage, "plugin", "model")} ({Text(stage, "kind")})", string.Join(", ", added), stage.GetProperty("tokens").ToString(), stage.TryGetProperty("took_ms", out _) ? Number(stage, "took_ms") : ""));
    }

    private void WriteCall(JsonElement call)
    {
        var about = call.GetProperty("tokens_counted").GetBoolean() ? "" : "about ";
        string[] facts =
        [
            .. call.TryGetProperty("model", out var model) || call.TryGetProperty("answered_by", out model) ? [model.ToString()] : Array.Empty<string>(),
            $"{about}{call.GetProperty("tokens")} tokens",
            .. call.TryGetProperty("usage", out var usage) ? [$"{usage.GetProperty("input_tokens")} in, {usage.GetProperty("output_tokens")} out"] : Array.Empty<string>(),
            .. call.TryGetProperty("took_ms", out _) ? [$"{Number(call, "took_ms")} ms"] : Array.Empty<string>(),
            .. call.TryGetProperty("finish_reason", out var reason) ? [reason.GetString()!] : Array.Empty<string>(),
        ];
        screen.WriteLine("");
        screen.WriteLine($"call {call.GetProperty("number")}: {string.Join(" · ", facts)}");
        if (call.GetProperty("settings") is { ValueKind: JsonValueKind.Object } settings && settings.EnumerateObject().Any()) screen.WriteLine($"  settings: {settings.GetRawText()}");
        if (call.TryGetProperty("middleware", out var middleware)) foreach (var place in middleware.EnumerateArray()) WriteStage(place);
        foreach (var part in call.GetProperty("instructions").EnumerateArray()) WritePart(part, "system", Text(part, "text"));
        foreach (var message in call.GetProperty("messages").EnumerateArray()) WriteMessage(message);
        foreach (var left in call.GetProperty("left_out").EnumerateArray()) WriteLeftOut(left);
        foreach (var tool in call.GetProperty("tools").EnumerateArray()) WritePart(tool, "tool", Text(tool, "name"), "");
        foreach (var answer in call.GetProperty("answer").EnumerateArray()) screen.WriteLine($"  → {Text(answer, "role")}: {Content(answer.GetProperty("content"))}");
        if (call.TryGetProperty("error", out var error)) screen.WriteLine($"  → {Text(error, "type")}: {Text(error, "message")}");
        if (call.TryGetProperty("body_sha256", out var hash)) screen.WriteLine($"  sha256 {hash}");
    }

    private void WriteMessage(JsonElement message)
    {
        WritePart(message, Text(message, "role"), Content(message.GetProperty("content")));
        if (!message.TryGetProperty("changed_by", out var by)) return;
        var before = message.TryGetProperty("before", out var content) ? Content(content) : "not kept";
        screen.WriteLine($"    by {string.Join(", ", by.EnumerateArray())}; before: {before}");
    }

    private void WriteLeftOut(JsonElement left)
    {
        var count = left.GetProperty("count").GetInt32();
        string[] what =
        [
            .. count > 0 ? [$"{Count(count, "message")}, {left.GetProperty("tokens")} tokens"] : Array.Empty<string>(),
            .. left.TryGetProperty("has_more", out _) ? ["more that were not loaded"] : Array.Empty<string>(),
            .. left.TryGetProperty("content", out var content) ? [Content(content)] : Array.Empty<string>(),
        ];
        screen.WriteLine($"  left out ({Text(left, "reason")}) by {Text(left, "plugin", "host")}: {string.Join(", ", what)}");
    }

    private void WritePart(JsonElement part, string role, string text, string? state = null)
    {
        var source = Text(part, "plugin", Text(part, "source"));
        var columns = $"  {state ?? Text(part, "state"),-StateWidth} {Cut(source, SourceWidth)} {part.GetProperty("tokens").ToString().PadLeft(TokensWidth)}  ";
        screen.WriteLine($"{columns}{role}: {text}");
    }

    private static string Row(string name, string added, string tokens, string took) =>
        $"{Cut(name, 38)} {Cut(added, 20)} {tokens.PadLeft(TokensWidth)} {took.PadLeft(9)}".TrimEnd();

    private static string Cut(string text, int width) => CellText.Pad(CellText.Cut(CellText.ToLine(text), width), width);

    private static string Count(int count, string what) => Math.Abs(count) == 1 ? $"{count} {what}" : $"{count} {what}s";

    private static string Number(JsonElement json, string name) => json.GetProperty(name).GetDouble().ToString("0.0", CultureInfo.InvariantCulture);

    public static string Content(JsonElement parts) => string.Join(' ', parts.EnumerateArray().Select(p => Text(p, "type") switch
    {
        "text" or "reasoning" => Text(p, "text"),
        "function_call" => $"calls {Text(p, "name")}({(p.TryGetProperty("arguments", out var arguments) ? arguments.GetRawText() : "")})",
        "function_result" => $"result {(p.TryGetProperty("result", out var result) ? result.ToString() : "")}",
        var other => $"[{other}]",
    }));

    private static string Text(JsonElement json, string name, string missing = "") => json.TryGetProperty(name, out var value) ? value.ToString() : missing;
}
