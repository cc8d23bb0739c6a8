using System.Runtime.InteropServices;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Items;

/// <summary>About how many characters of content an item has, to bound lists of them.</summary>
internal static class ItemSize
{
    public static long Measure(Item item) => item switch
    {
        MessageItem message => message.Content.Sum(Measure),
        FunctionCallItem call => call.Arguments.Length,
        FunctionOutputItem output => JsonMarshal.GetRawUtf8Value(output.Output).Length,
        ReasoningItem reasoning => reasoning.Summary.Sum(Measure) + (reasoning.EncryptedContent?.Length ?? 0),
        HostedItem hosted => hosted.Members.Sum(m => (long)JsonMarshal.GetRawUtf8Value(m.Value).Length),
        _ => 0,
    };

    private static long Measure(Part part) => part switch
    {
        OutputTextPart text => text.Text.Length,
        InputTextPart text => text.Text.Length,
        SummaryPart text => text.Text.Length,
        RefusalPart refusal => refusal.Refusal.Length,
        InputImagePart image => image.ImageUrl?.Length ?? 0,
        InputFilePart file => file.FileData?.Length ?? 0,
        InputAudioPart audio => audio.InputAudio.Data.Length,
        _ => 0,
    };
}
