using System.Runtime.InteropServices;
using System.Text.Json;
using PluginHost.Engine.Errors;

namespace PluginHost.Http.Binding;

/// <summary>
/// Finds, anywhere in a document, duplicate keys of an object and text that is not Unicode: half of a surrogate pair,
/// which JSON can write but nothing can store.
/// </summary>
internal sealed class JsonText(InputErrors errors)
{
    /// <summary>What is wrong with text that is not Unicode.</summary>
    public const string HalfPair = "The text holds half of a surrogate pair.";

    private bool _unreadable;

    /// <exception cref="ProblemException">400: some text cannot be read, so nothing more can be checked.</exception>
    public static void Check(JsonElement root, InputErrors errors)
    {
        var text = new JsonText(errors);
        text.CheckValue(root, "");
        if (text._unreadable) errors.ThrowIfAny();
    }

    /// <summary>Whether all names and texts of a document are Unicode.</summary>
    public static bool IsUnicode(JsonElement root)
    {
        var text = new JsonText(new InputErrors());
        text.CheckValue(root, "");
        return !text._unreadable;
    }

    private void CheckValue(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Object) CheckObject(value, path);
        else if (value.ValueKind == JsonValueKind.Array) CheckList(value, path);
        else if (!IsReadable(value)) Unreadable(path);
    }

    private void CheckList(JsonElement list, string path)
    {
        var index = 0;
        foreach (var item in list.EnumerateArray())
        {
            if (NeedsCheck(item)) CheckValue(item, InputErrors.At(path, index));
            index++;
        }
    }

    private void CheckObject(JsonElement value, string path)
    {
        var names = new PropertyNames(value.GetPropertyCount());
        foreach (var property in value.EnumerateObject())
        {
            if (NameOf(property) is not { } name)
            {
                Unreadable(path.Length == 0 ? "$" : path);
                continue;
            }

            if (!names.Add(name)) errors.Add(InputErrors.Join(path, name), "Duplicate key.");
            if (NeedsCheck(property.Value)) CheckValue(property.Value, InputErrors.Join(path, name));
        }
    }

    private void Unreadable(string path)
    {
        _unreadable = true;
        errors.Add(path, HalfPair, "Unicode");
    }

    /// <summary>Only lists, objects and text with escapes can be wrong: paths to the others need not be built.</summary>
    private static bool NeedsCheck(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object or JsonValueKind.Array => true,
        JsonValueKind.String => JsonMarshal.GetRawUtf8Value(value).Contains((byte)'\\'),
        _ => false,
    };

    private static bool IsReadable(JsonElement value)
    {
        try
        {
            return value.GetString() is not null;
        }
        catch (InvalidOperationException)
        {
            // This is how the JSON reader reports an invalid escape.
            return false;
        }
    }

    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            // As above.
            return null;
        }
    }
}
