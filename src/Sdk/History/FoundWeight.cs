namespace PluginHost.Sdk;

/// <summary>
/// What the host estimated that a message weighs, so that it reads the message once. It says nothing that the message does not say, so any
/// two are equal.
/// </summary>
/// <param name="tokens">The estimate.</param>
internal readonly struct FoundWeight(int tokens) : IEquatable<FoundWeight>
{
    /// <summary>The estimate in tokens; 0 before there is one.</summary>
    public int Tokens => tokens;

    public bool Equals(FoundWeight other) => true;

    public override bool Equals(object? obj) => obj is FoundWeight;

    public override int GetHashCode() => 0;
}
