using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>What a run used of its context, in the document of the run.</summary>
internal static class RunContextUseDocument
{
    private static readonly MemberNames Names = new(
        "loadedMessages", "loadedTokens", "leftOutMessages", "leftOutTokens", "shortenedResults", "inputTokens", "maxInputTokens", "isCounted");

    public static void Write(Utf8JsonWriter json, RunContextUse use)
    {
        json.WriteStartObject("context"u8);
        json.WriteNumber("loadedMessages"u8, use.LoadedMessages);
        if (use.LoadedTokens is { } loaded) json.WriteNumber("loadedTokens"u8, loaded);
        if (use.LeftOutMessages > 0) json.WriteNumber("leftOutMessages"u8, use.LeftOutMessages);
        if (use.LeftOutTokens > 0) json.WriteNumber("leftOutTokens"u8, use.LeftOutTokens);
        if (use.ShortenedResults > 0) json.WriteNumber("shortenedResults"u8, use.ShortenedResults);
        if (use.InputTokens is { } input) json.WriteNumber("inputTokens"u8, input);
        if (use.MaxInputTokens is { } most) json.WriteNumber("maxInputTokens"u8, most);
        if (use.IsCounted) json.WriteBoolean("isCounted"u8, true);
        use.Unknown?.WriteTo(json);
        json.WriteEndObject();
    }

    public static RunContextUse Read(ref Utf8JsonReader json)
    {
        MemberNames.Begin(ref json);
        var (loadedMessages, leftOutMessages, shortened, isCounted) = (0, 0, 0, false);
        long leftOutTokens = 0;
        long? loadedTokens = null, input = null, most = null;
        UnknownMembers? unknown = null;
        while (Names.Next(ref json, ref unknown) is { } name)
        {
            switch (name)
            {
                case "loadedMessages": loadedMessages = json.GetInt32(); break;
                case "loadedTokens": loadedTokens = json.GetInt64(); break;
                case "leftOutMessages": leftOutMessages = json.GetInt32(); break;
                case "leftOutTokens": leftOutTokens = json.GetInt64(); break;
                case "shortenedResults": shortened = json.GetInt32(); break;
                case "inputTokens": input = json.GetInt64(); break;
                case "maxInputTokens": most = json.GetInt64(); break;
                case "isCounted": isCounted = json.GetBoolean(); break;
            }
        }

        return new RunContextUse
        {
            LoadedMessages = loadedMessages,
            LoadedTokens = loadedTokens,
            LeftOutMessages = leftOutMessages,
            LeftOutTokens = leftOutTokens,
            ShortenedResults = shortened,
            InputTokens = input,
            MaxInputTokens = most,
            IsCounted = isCounted,
            Unknown = unknown,
        };
    }
}
