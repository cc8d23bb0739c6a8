using System.Buffers;
using System.Text.Json;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;

namespace PluginHost.Native.Binding;

/// <summary>Reads the body of a run request.</summary>
internal static class RunBodyReader
{
    private const int MaxTools = 128;

    private static readonly string[] Formats = ["text", "json_object", "json_schema"];

    private static readonly SearchValues<char> ToolName =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    public static RunBody Read(JsonElement json, int maxMessages, InputErrors errors)
    {
        var body = new BodyReader(json, "", errors);
        var run = new RunBody(MessageReader.ReadInput(body, "input", maxMessages))
        {
            Agent = body.Text("agent"),
            Stream = body.Flag("stream"),
            Background = body.Flag("background"),
            Metadata = MetadataReader.Read(body, "metadata"),
            Options = body.Nested("options") is { } options ? ReadOptions(options) : null,
            Create = body.Flag("create"),
        };
        body.End();
        if (run is { Stream: true, Background: true })
            errors.Add("background", "A run in the background is not streamed; attach to its events instead.", "one of stream and background");
        return run;
    }

    private static RunOptionsBody ReadOptions(BodyReader options)
    {
        var read = new RunOptionsBody
        {
            Temperature = options.Number("temperature", 0, 2),
            MaxOutputTokens = options.Integer("max_output_tokens", 1, int.MaxValue),
            Tools = options.Each("tools", ReadTool),
            ResponseFormat = options.Nested("response_format") is { } format ? ReadFormat(format) : null,
        };
        options.End();
        CheckTools(read.Tools ?? [], options);
        return read;
    }

    private static ToolBody? ReadTool(BodyReader tool)
    {
        var name = tool.RequiredText("name");
        var description = tool.Text("description");
        var parameters = tool.Object("parameters");
        tool.End();
        if (name is null) return null;
        if (name.Length is 0 or > 64 || name.AsSpan().ContainsAnyExcept(ToolName))
            tool.Errors.Add(tool.PathOf("name"), "This is not a valid name of a tool.", "1 to 64 of A-Z a-z 0-9 _ -");
        return new ToolBody(name) { Description = description, Parameters = parameters };
    }

    private static void CheckTools(IReadOnlyList<ToolBody> tools, BodyReader options)
    {
        if (tools.Count > MaxTools) options.Errors.Add(options.PathOf("tools"), $"There are {tools.Count} tools.", $"at most {MaxTools}");
        foreach (var twice in tools.GroupBy(t => t.Name, StringComparer.Ordinal).Where(g => g.Count() > 1))
            options.Errors.Add(options.PathOf("tools"), $"The name '{twice.Key}' stands {twice.Count()} times.", "names that differ");
    }

    private static ResponseFormatBody? ReadFormat(BodyReader format)
    {
        var type = format.RequiredOneOf("type", Formats);
        var schema = format.Object("schema");
        var name = format.Text("name");
        var description = format.Text("description");
        format.End();
        if (type is null) return null;
        if (type == "json_schema" && !format.TryGet("schema", out _))
            format.Errors.Add(format.PathOf("schema"), "The field is required by json_schema.", "object");
        if (type != "json_schema" && schema is not null)
            format.Errors.Add(format.PathOf("schema"), $"The type {type} has no schema.", "a schema with the type json_schema only");
        return new ResponseFormatBody(type) { Schema = schema, Name = name, Description = description };
    }
}
