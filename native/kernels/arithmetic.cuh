// The arithmetic of both formats by one name. NVRTC contracts nothing (--fmad=false): what is fused stands here.
__device__ inline float fused(float a, float b, float c) { return fmaf(a, b, c); }

__device__ inline double fused(double a, double b, double c) { return fma(a, b, c); }

__device__ inline float root(float a) { return sqrtf(a); }

__device__ inline double root(double a) { return sqrt(a); }

__device__ inline float magnitude(float a) { return fabsf(a); }

__device__ inline double magnitude(double a) { return fabs(a); }

__device__ inline float signed_as(float size, float sign) { return copysignf(size, sign); }

__device__ inline double signed_as(double size, double sign) { return copysign(size, sign); }

// Four neighbouring numbers, 16 bytes at a time.
__device__ inline void load4(const float* from, float* to)
{
    float4 all = *reinterpret_cast<const float4*>(from);
    to[0] = all.x;
    to[1] = all.y;
    to[2] = all.z;
    to[3] = all.w;
}

__device__ inline void load4(const double* from, double* to)
{
    double2 first = *reinterpret_cast<const double2*>(from);
    double2 second = *reinterpret_cast<const double2*>(from + 2);
    to[0] = first.x;
    to[1] = first.y;
    to[2] = second.x;
    to[3] = second.y;
}
