using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Responses;

/// <summary>Reads the tools of the caller. Tools that a service would run are refused by name: plugins give tools that the host runs.</summary>
internal static class ToolReader
{
    private const string Cure = "function; tools that the host runs come from plugins";

    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}"""u8);

    /// <returns>The tools, and what to give back of them.</returns>
    public static (IReadOnlyList<AITool> Tools, IReadOnlyList<JsonElement> Echo) Read(BodyReader body)
    {
        var echo = new List<JsonElement>();
        var tools = body.Each<AITool>("tools", ReadTool) ?? [];
        ToolNames.CheckList(body, tools);
        if (tools.Count > 0 && body.TryGet("tools", out var list)) echo.AddRange(list.EnumerateArray().Select(Whole));
        return (tools, echo);
    }

    /// <summary>Clients expect every member of a tool, also those they left out.</summary>
    private static JsonElement Whole(JsonElement tool)
    {
        var whole = JsonObject.Create(tool) ?? [];
        foreach (var name in new[] { "description", "parameters", "strict" }) whole.TryAdd(name, null);
        return StateJson.Element(whole);
    }

    /// <returns>What to give back; null when nothing was asked for.</returns>
    public static JsonElement? ReadChoice(BodyReader body, ChatOptions options, IReadOnlyList<AITool> tools)
    {
        if (!body.TryGet("tool_choice", out var choice)) return null;
        if (choice.ValueKind == JsonValueKind.String)
        {
            options.ToolMode = body.RequiredOneOf("tool_choice", ["auto", "none", "required"]) switch
            {
                "none" => ChatToolMode.None,
                "required" => ChatToolMode.RequireAny,
                _ => null,
            };
            return choice;
        }

        if (body.Nested("tool_choice") is not { } one) return null;
        if (one.RequiredText("type") is not { } type) return null;
        if (type != "function")
        {
            body.Errors.AddUnsupported("tool_choice.type", "auto, none, required, or a function");
            return null;
        }

        var name = one.RequiredText("name");
        one.End();
        if (name is not null && !tools.Any(t => t.Name == name)) body.Errors.Add("tool_choice.name", $"There is no tool '{name}'.", "the name of one of the tools");
        if (name is not null) options.ToolMode = ChatToolMode.RequireSpecific(name);
        return choice;
    }

    private static CallerFunction? ReadTool(BodyReader tool)
    {
        if (tool.RequiredText("type") is not { } type) return null;
        if (type != "function")
        {
            tool.Errors.AddUnsupported(tool.PathOf("type"), Cure);
            return null;
        }

        var name = tool.RequiredText("name");
        var read = new CallerFunction(name ?? "", tool.Text("description"), tool.Object("parameters") ?? NoParameters, tool.Flag("strict"));
        tool.RefuseUnless("defer_loading", v => v.ValueKind == JsonValueKind.False);
        tool.RefuseUnless("allowed_callers", v => v.ValueKind == JsonValueKind.Array && v.GetArrayLength() == 0);
        tool.Ignore("output_schema");
        tool.End();
        if (name is null) return null;
        ToolNames.CheckName(tool, name);
        return read;
    }
}
