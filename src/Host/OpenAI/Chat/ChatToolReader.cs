using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Errors;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI.Chat;

/// <summary>Reads the caller's tools and which of them the model may choose.</summary>
internal static class ChatToolReader
{
    private const string Functions = "tools of the type function";

    private static readonly string[] Choices = ["none", "auto", "required"];
    private static readonly JsonElement NoParameters = JsonElement.Parse("""{"type":"object","properties":{}}"""u8);

    public static IReadOnlyList<AITool> ReadTools(BodyReader body)
    {
        var tools = body.Each("tools", ReadTool) ?? [];
        ToolNames.CheckList(body, tools);
        return tools;
    }

    /// <returns>Null for whatever the model's server does by itself.</returns>
    public static ChatToolMode? ReadChoice(BodyReader body, IReadOnlyList<AITool> tools)
    {
        if (!body.TryGet("tool_choice", out var value)) return null;
        if (value.ValueKind == JsonValueKind.Object) return ReadNamed(body.Nested("tool_choice")!, tools);
        var choice = body.RequiredOneOf("tool_choice", Choices);
        if (choice == "required" && tools.Count == 0)
            body.Errors.Add("tool_choice", "There are no tools to choose from.", "tools beside it");
        return choice switch
        {
            "none" => ChatToolMode.None,
            "auto" => ChatToolMode.Auto,
            "required" => ChatToolMode.RequireAny,
            _ => null,
        };
    }

    private static AITool? ReadTool(BodyReader tool)
    {
        var type = tool.RequiredText("type");
        if (type is not null and not "function")
        {
            tool.Errors.AddUnsupported(tool.PathOf("type"), Functions);
            return null;
        }

        var read = tool.TryGetRequired("function", "object", out _) && tool.Nested("function") is { } function ? ReadFunction(function) : null;
        tool.End();
        return read;
    }

    private static CallerFunction? ReadFunction(BodyReader function)
    {
        var name = function.RequiredText("name");
        var description = function.Text("description");
        var parameters = function.Object("parameters") ?? NoParameters;
        var strict = function.Flag("strict");
        function.End();
        if (name is null) return null;
        ToolNames.CheckName(function, name);
        return new CallerFunction(name, description, parameters, strict);
    }

    private static RequiredChatToolMode? ReadNamed(BodyReader choice, IReadOnlyList<AITool> tools)
    {
        if (choice.RequiredText("type") is not { } type) return null;
        if (type != "function")
        {
            choice.Errors.AddUnsupported(choice.PathOf("type"), $"{string.Join(", ", Choices)}, or the type function");
            return null;
        }

        var name = choice.Nested("function")?.RequiredText("name");
        choice.End();
        if (name is null || tools.Any(t => t.Name == name)) return name is null ? null : ChatToolMode.RequireSpecific(name);
        choice.Errors.Add(choice.PathOf("function.name"), $"There is no tool '{name}'.", string.Join(", ", tools.Select(t => t.Name)));
        return null;
    }
}
