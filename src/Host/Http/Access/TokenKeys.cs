using Microsoft.IdentityModel.Tokens;
using PluginHost.Engine.Configuration.Access;

namespace PluginHost.Http.Access;

/// <summary>The public keys of a file, for the signatures of tokens. Replaced whole. Thread-safe.</summary>
internal sealed class TokenKeys
{
    private volatile IReadOnlyList<SecurityKey> _keys;

    public TokenKeys(string file)
    {
        File = file;
        _keys = SigningKeys.Read(file).Keys;
    }

    public string File { get; }

    public int Count => _keys.Count;

    /// <summary>The keys with an id; all that have none when no key has it, because PEM has no ids.</summary>
    public IEnumerable<SecurityKey> Named(string? id)
    {
        var keys = _keys;
        var named = string.IsNullOrEmpty(id) ? [] : keys.Where(k => k.KeyId == id).ToList();
        return named.Count > 0 ? named : keys.Where(k => string.IsNullOrEmpty(id) || k is not JsonWebKey { KeyId.Length: > 0 });
    }

    public void Replace(IReadOnlyList<SecurityKey> keys) => _keys = keys;
}
