using System.Text.Json;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;

namespace PluginHost.Native.Binding;

/// <summary>Reads the bodies of requests about sessions.</summary>
internal static class SessionBodyReader
{
    public static CreateSessionBody ReadCreate(JsonElement json, int maxMessages, InputErrors errors)
    {
        var body = new BodyReader(json, "", errors);
        var read = new CreateSessionBody
        {
            Id = body.Id("id"),
            Metadata = MetadataReader.Read(body, "metadata"),
            State = ReadState(body, nullable: false),
            ServiceSessionId = ReadServiceSessionId(body),
            Messages = body.TryGet("messages", out var list) && IsEmptyList(list) ? [] : MessageReader.ReadList(body, "messages", maxMessages),
        };
        body.End();
        return read;
    }

    public static PatchSessionBody ReadPatch(JsonElement json, InputErrors errors)
    {
        var body = new BodyReader(json, "", errors);
        var read = new PatchSessionBody
        {
            Metadata = MetadataReader.ReadPatch(body, "metadata"),
            State = ReadState(body, nullable: true),
        };
        body.End();
        return read;
    }

    public static ForkBody ReadFork(JsonElement json, InputErrors errors)
    {
        var body = new BodyReader(json, "", errors);
        var read = new ForkBody { Id = body.Id("id"), Run = body.Id("run") };
        body.End();
        return read;
    }

    private static Dictionary<string, JsonElement>? ReadState(BodyReader body, bool nullable)
    {
        if (body.Object("state") is not { } state) return null;
        var scopes = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var scope in state.EnumerateObject())
        {
            if (scope.Value.ValueKind == JsonValueKind.Object || (nullable && scope.Value.ValueKind == JsonValueKind.Null))
                scopes[scope.Name] = scope.Value;
            else
                body.WrongType(InputErrors.Join(body.PathOf("state"), scope.Name), scope.Value, nullable ? "object or null" : "object");
        }

        return scopes;
    }

    private static string? ReadServiceSessionId(BodyReader body)
    {
        var id = body.Text("service_session_id");
        if (id is not null && (id.Length is 0 or > 512))
            body.Errors.Add(body.PathOf("service_session_id"), "The value is empty or too long.", "1 to 512 characters");
        return id;
    }

    private static bool IsEmptyList(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() == 0;
}
