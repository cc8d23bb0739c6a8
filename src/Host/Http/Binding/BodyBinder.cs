using System.Text.Json;

namespace PluginHost.Http.Binding;

/// <summary>
/// Binds a request's body to a record, strictly: unknown fields are errors, null counts as left out, and all errors are collected.
/// What a field takes is written once, as its type and attributes, which the OpenAPI document reads too.
/// </summary>
internal static class BodyBinder
{
    /// <summary>The body as a record. Wrong and missing values in it are null: call <see cref="InputErrors.ThrowIfAny"/> before use.</summary>
    public static T Bind<T>(JsonElement body, InputErrors errors)
        where T : class =>
        (T)BodyType.For(typeof(T)).Read(body, errors)!;
}
